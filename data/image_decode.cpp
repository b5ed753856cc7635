#include "data/image_decode.h"

#include <algorithm>
#include <string_view>

#include "data/jpeg_decode.h"
#include "data/png_container.h"
#include "data/stb_decode.h"
#include "engine/base/error.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

[[noreturn]] void fail(const std::string& name, const std::string& why, const std::string& hint = "") {
  throw Error("cannot decode image", name, why, hint);
}

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(),
                    [](char c, std::byte b) { return static_cast<std::byte>(c) == b; });
}

Image decode_png(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits) {
  const PngHeader header = check_png_container(bytes, name);
  limits.check_size(header.width, header.height, name);
  Image image;
  const StbPixels decoded = stb_decode(bytes, limits.memory, image.width, image.height);
  if (!decoded) {
    const std::string reason = stb_reason();
    if (reason == "outofmem") limits.refuse_memory(name);
    fail(name, "the decoder stopped at: " + reason,
         "The file is damaged or of a rare kind: copy it again, or save it anew");
  }
  const std::size_t size = std::size_t{3} * image.width * image.height;
  image.rgb.assign(decoded.get(), decoded.get() + size);
  return image;
}

}  // namespace

void ImageLimits::check_size(std::uint32_t width, std::uint32_t height, const std::string& name) const {
  const auto longest = static_cast<std::uint32_t>(side);
  const std::uint64_t claimed = std::uint64_t{width} * height;
  if (width > longest || height > longest || claimed > static_cast<std::uint64_t>(pixels))
    fail(name,
         "its header claims " + std::to_string(width) + "x" + std::to_string(height) +
             " pixels, more than the limit of " + std::to_string(side) + " a side and " +
             std::to_string(pixels) + " in all",
         "Make it smaller");
}

void ImageLimits::refuse_memory(const std::string& name) const {
  fail(name, "decoding needs more memory than the limit of " + std::to_string(memory) + " bytes",
       "Make it smaller");
}

Image decode_image(const std::filesystem::path& path, const ImageLimits& limits) {
  const MappedFile file(path);
  return decode_image(file.bytes(), path.string(), limits);
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits) {
  if (bytes.size() > limits.file_bytes)
    fail(name, "the file has " + std::to_string(bytes.size()) + " bytes, more than the limit of " +
                   std::to_string(limits.file_bytes));
  if (starts_with(bytes, "\xFF\xD8")) return decode_jpeg(bytes, name, limits);
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return decode_png(bytes, name, limits);
  if (bytes.empty()) fail(name, "the file is empty", "Copy it again, or leave it out");
  fail(name, "it is neither JPEG nor PNG", "Convert it to JPEG or PNG, or leave it out");
}

}  // namespace plainsight
