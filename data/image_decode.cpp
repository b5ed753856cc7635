#include "data/image.h"
#include "data/image_container.h"
#include "data/stb_decode.h"
#include "engine/base/error.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

[[noreturn]] void fail(const std::string& name, const std::string& why, const std::string& hint = "") {
  throw Error("cannot decode picture", name, why, hint);
}

[[noreturn]] void fail_decoder(const std::string& name, const ImageLimits& limits) {
  const std::string reason = stb_reason();
  if (reason == "outofmem")
    fail(name, "decoding needs more memory than the limit of " + std::to_string(limits.memory) + " bytes",
         "Make it smaller");
  fail(name, "the decoder stopped at: " + reason,
       "The file is damaged or of a rare kind: save it again as PNG");
}

// The file with Adobe's marker for CMYK behind its first two bytes.
std::vector<std::byte> marked_as_cmyk(std::span<const std::byte> jpeg) {
  constexpr std::string_view kMarker(
      "\xFF\xEE\0\x0E"
      "Adobe\0d\0\0\0\0\0",
      16);
  std::vector<std::byte> marked(jpeg.begin(), jpeg.end());
  const auto marker = std::as_bytes(std::span(kMarker));
  marked.insert(marked.begin() + 2, marker.begin(), marker.end());
  return marked;
}

}  // namespace

Image decode_image(const std::filesystem::path& path, const ImageLimits& limits) {
  const MappedFile file(path);
  return decode_image(file.bytes(), path.string(), limits);
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits) {
  if (bytes.size() > limits.file_bytes)
    fail(name, "the file has " + std::to_string(bytes.size()) + " bytes, more than the limit of " +
                   std::to_string(limits.file_bytes));
  const ImageHeader header = check_image_container(bytes, name);
  const auto side = static_cast<std::uint32_t>(limits.side);
  const std::uint64_t pixels = std::uint64_t{header.width} * header.height;
  if (header.width > side || header.height > side || pixels > static_cast<std::uint64_t>(limits.pixels))
    fail(name,
         "its header claims " + std::to_string(header.width) + "x" + std::to_string(header.height) +
             " pixels, more than the limit of " + std::to_string(limits.side) + " a side and " +
             std::to_string(limits.pixels) + " in all",
         "Make it smaller");
  // Four components of unknown meaning are CMYK for libjpeg, YCbCr and something else for stb.
  std::vector<std::byte> marked;
  if (header.unmarked_cmyk) bytes = marked = marked_as_cmyk(bytes);
  Image image;
  const StbPixels decoded = stb_decode(bytes, limits.memory, image.width, image.height);
  if (!decoded) fail_decoder(name, limits);
  const std::size_t size = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3;
  image.rgb.assign(decoded.get(), decoded.get() + size);
  return image;
}

}  // namespace plainsight
