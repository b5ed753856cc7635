#pragma once

#include <stdexcept>
#include <string>

namespace plainsight {

/// A failure that a user can understand and fix. It prints as one line:
/// `WHAT (WHERE): WHY. HINT`, for example
/// `cannot read image (dog.jpg): the file ends inside the image data. Copy it again`.
/// Characters that would break the line or act on the terminal are escaped (printable.h).
class Error : public std::runtime_error {
 public:
  /// @param what   what could not be done
  /// @param where  the file, option, line or offset that it concerns; may be empty
  /// @param why    the reason
  /// @param hint   what to do about it; may be empty
  Error(const std::string& what, const std::string& where, const std::string& why,
        const std::string& hint = "");
};

/// The command line was wrong: programs exit with 2 instead of 1.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// A caller broke a function's contract (shapes that do not fit, an index out of range).
/// It is a bug in this program, not in its input.
class ContractError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws ContractError with `message` unless `condition` holds. Cheap enough for every public entry point.
inline void require(bool condition, const char* message) {
  if (!condition) throw ContractError(message);
}

}  // namespace plainsight
