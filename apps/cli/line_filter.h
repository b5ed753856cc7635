#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace plainsight {

/// Makes one line of output (without line feed) from one line of input; `number` counts from 1.
/// Called from several threads at once.
using LineFunction = std::function<void(std::string_view line, std::int64_t number, std::string& out)>;

/// Applies `f` to every line that file descriptor `in` gives and writes the results to `out`, in order. Lines
/// are read in large blocks and a block's lines are shared among the threads; what has arrived is answered
/// without waiting for more. A last line without line feed counts. An exception of `f` ends it after the
/// lines before it were written. Returns when the input ends, or quietly when the reader of `out` went away
/// (as `head` does). Throws Error when reading or writing fails.
void filter_lines(int in, int out, const LineFunction& f);

}  // namespace plainsight
