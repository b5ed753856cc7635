#include "data/karpathy_json.h"

#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json_file.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

constexpr const char* kWhat = "cannot read split";

/// Follows the parser through
///   { "images": [ { "filename": TEXT, "split": TEXT, ... }, ... ], ... }
/// by the number of brackets that are open: 1 in the outermost object, 2 in the list, 3 in an image.
/// Everything else, or deeper, is skipped, whatever its keys are.
class ImageReader : public JsonEvents {
 public:
  using Image = std::function<void(const std::string&, const std::string&, const std::string&)>;

  ImageReader(std::string path, const Image& image) : path_(std::move(path)), image_(image) {}

  bool has_images() const { return has_images_; }

  bool key(string_t& name) override {
    if (depth_ == 1) {
      in_images_ = name == "images";
      if (in_images_ && std::exchange(has_images_, true)) fail(path_, "it has `images` twice");
    } else if (depth_ == 3 && in_images_) {
      field_ = name == "filename" ? &filename_ : name == "split" ? &split_ : nullptr;
      if (field_ != nullptr && field_->has_value()) fail(where(), "it has `" + name + "` twice");
    }
    return true;
  }

  bool string(string_t& text) override {
    check(Kind::text);
    if (field_ != nullptr) *std::exchange(field_, nullptr) = std::move(text);
    return true;
  }

  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool end_array() override { return close(); }
  bool end_object() override { return close(); }
  bool null() override { return check(Kind::other); }
  bool boolean(bool) override { return check(Kind::other); }
  bool number_integer(number_integer_t) override { return check(Kind::other); }
  bool number_unsigned(number_unsigned_t) override { return check(Kind::other); }
  bool number_float(number_float_t, const string_t&) override { return check(Kind::other); }
  bool binary(binary_t&) override { return check(Kind::other); }

 private:
  enum class Kind { object, array, text, other };

  [[noreturn]] static void fail(const std::string& where, const std::string& why) {
    throw Error(kWhat, where, why, kKarpathyHint);
  }

  std::string where() const { return path_ + ", images[" + std::to_string(index_) + "]"; }

  /// Refuses a value that is not of the kind that belongs there.
  bool check(Kind kind) const {
    if (depth_ == 1 && in_images_ && kind != Kind::array) fail(path_, "it has no list `images`");
    if ((depth_ == 2 && in_images_ && kind != Kind::object) || (field_ != nullptr && kind != Kind::text))
      fail(where(), "it has no `filename` and `split`");
    return true;
  }

  bool open(Kind kind) {
    check(kind);
    ++depth_;
    return true;
  }

  bool close() {
    if (--depth_ != 2 || !in_images_) return true;
    if (!filename_ || !split_) fail(where(), "it has no `filename` and `split`");
    image_(*filename_, *split_, where());
    filename_.reset();
    split_.reset();
    ++index_;
    return true;
  }

  std::string path_;
  const Image& image_;
  std::size_t depth_ = 0, index_ = 0;
  bool has_images_ = false;
  bool in_images_ = false;  ///< the outermost object's last key was `images`
  std::optional<std::string> filename_, split_;
  std::optional<std::string>* field_ = nullptr;  ///< the one of the two whose value comes next
};

}  // namespace

void read_karpathy_json(const std::filesystem::path& path,
                        const std::function<void(const std::string& filename, const std::string& split,
                                                 const std::string& where)>& image) {
  const MappedFile file(path);
  ImageReader reader(path.string(), image);
  read_json(file.text(), reader, kWhat, path, kKarpathyHint);
  if (!reader.has_images()) throw Error(kWhat, path.string(), "it has no list `images`", kKarpathyHint);
}

}  // namespace plainsight
