#include "data/jpeg_decode.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <new>
#include <type_traits>

// clang-format off
#include <jpeglib.h>  // takes FILE from cstdio
#include <jerror.h>   // takes its types from jpeglib.h
// clang-format on

#ifndef LIBJPEG_TURBO_VERSION
#error "jpeglib.h is not libjpeg-turbo's: others of this interface decode to other pixels than Pillow"
#endif

#include "engine/base/error.h"

namespace plainsight {
namespace {

// Progressive files have about ten scans. A few bytes can make one, and each may cost a pass over the whole
// image, a nanosecond a pixel: the largest image may have 22.
constexpr std::int64_t kMaxScans = 100, kMaxScannedPixels = 2'000'000'000;

/// libjpeg's state, freed in any case. libjpeg's own handlers print what is wrong, and end the process;
/// here run() throws an Error.
class Libjpeg {
 public:
  jpeg_decompress_struct info{};

  Libjpeg(const std::string& name, const ImageLimits& limits) : name_(name), limits_(limits) {
    info.err = jpeg_std_error(&handlers_);
    info.client_data = this;
    handlers_.error_exit = [](j_common_ptr any) { of(any)->leave(); };
    handlers_.emit_message = [](j_common_ptr any, int level) { of(any)->judge(level); };
    progress_.progress_monitor = [](j_common_ptr any) { of(any)->count_scans(); };
  }
  ~Libjpeg() { jpeg_destroy_decompress(&info); }
  Libjpeg(const Libjpeg&) = delete;
  Libjpeg& operator=(const Libjpeg&) = delete;

  /// Calls `step`, in which libjpeg is called. An error there jumps over the rest of it, back to here, and no
  /// destructor would run: `step` must own nothing.
  template <class Step>
  void run(const Step& step) {
    static_assert(std::is_trivially_destructible_v<Step>);
    if (setjmp(before_) != 0) fail();
    step();
  }

  void read_header(std::span<const std::byte> bytes) {
    run([&] {
      jpeg_create_decompress(&info);
      info.progress = &progress_;
      jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
      jpeg_read_header(&info, TRUE);
      // Its decoder fills in missing data without a warning, and takes seconds for a few bytes.
      if (info.arith_code) leave("arithmetic coding is not supported, only Huffman coding");
    });
  }

 private:
  static Libjpeg* of(j_common_ptr any) { return static_cast<Libjpeg*>(any->client_data); }

  [[noreturn]] void leave(const char* reason = nullptr) {
    reason_ = reason;
    std::longjmp(before_, 1);
  }

  // Levels below zero are warnings: libjpeg goes on, and fills in missing data. For these four nothing
  // is missing.
  void judge(int level) {
    const int code = handlers_.msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM &&
        code != JWRN_NOT_SEQUENTIAL)
      leave();
  }

  void count_scans() {
    const std::int64_t pixels = std::int64_t{info.image_width} * info.image_height;
    if (info.input_scan_number > std::min(kMaxScans, kMaxScannedPixels / pixels))
      leave("it has too many scans");
  }

  [[noreturn]] void fail() {
    char text[JMSG_LENGTH_MAX];
    handlers_.format_message(reinterpret_cast<j_common_ptr>(&info), text);
    if (handlers_.msg_code == JERR_NO_BACKING_STORE) limits_.refuse_memory(name_);
    if (handlers_.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
    throw Error("cannot decode image", name_,
                std::string("the decoder stopped at: ") + (reason_ != nullptr ? reason_ : text),
                "The file is damaged or of a rare kind: copy it again, or save it as PNG");
  }

  const std::string& name_;
  const ImageLimits& limits_;
  jpeg_error_mgr handlers_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf before_{};
  const char* reason_ = nullptr;  ///< null: libjpeg's own
};

// Pillow's CMYK to RGB, in place. Files hold the four inverted, as light that is left:
// red is cyan's light times black's.
void cmyk_to_rgb(std::uint8_t* row, std::size_t width) {
  std::uint8_t* rgb = row;
  for (const std::uint8_t* cmyk = row; cmyk < row + 4 * width; cmyk += 4) {
    const int black = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      const int product = cmyk[c] * black + 128;
      *rgb++ = static_cast<std::uint8_t>(((product >> 8) + product) >> 8);  // divided by 255, rounded
    }
  }
}

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits) {
  Libjpeg jpeg(name, limits);
  jpeg_decompress_struct& info = jpeg.info;
  jpeg.read_header(bytes);
  limits.check_size(info.image_width, info.image_height, name);
  const std::size_t width = info.image_width, size = 3 * width * info.image_height;
  if (size >= limits.memory) limits.refuse_memory(name);
  info.mem->max_memory_to_use = static_cast<long>(limits.memory - size);
  const bool cmyk = info.num_components == 4;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  std::vector<std::uint8_t> row(4 * width);
  Image image{static_cast<int>(info.image_width), static_cast<int>(info.image_height), {}};
  image.rgb.reserve(size);  // and not resize: zeroing an image takes as long as a tenth of its decoding
  jpeg.run([&] {
    jpeg_start_decompress(&info);
    for (int c = 0; c < info.num_components; ++c)
      if (info.comp_info[c].quant_table == nullptr) ERREXIT(&info, JERR_SOF_NO_SOS);  // c is in no scan
    while (info.output_scanline < info.output_height) {
      JSAMPROW to = row.data();
      jpeg_read_scanlines(&info, &to, 1);
      if (cmyk) cmyk_to_rgb(to, width);
      image.rgb.insert(image.rgb.end(), to, to + 3 * width);
    }
    jpeg_finish_decompress(&info);  // reads on to the end marker
  });
  return image;
}

}  // namespace plainsight
