#include "apps/cli/line_filter.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "engine/base/error.h"
#include "engine/base/parallel.h"

using namespace plainsight;

namespace {

struct Pipe {
  int ends[2];
  Pipe() { REQUIRE(pipe(ends) == 0); }
  ~Pipe() { close_reader(), close_writer(); }
  void close_reader() { close_end(0); }
  void close_writer() { close_end(1); }

 private:
  void close_end(int i) {
    if (ends[i] >= 0) close(ends[i]);
    ends[i] = -1;
  }
};

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

// The output of filter_lines for `input`; an Error's text is added at the end.
std::string filtered(const std::string& input, const LineFunction& f) {
  Pipe in, out;
  std::string error, result;
  std::thread writer([&] {
    for (std::size_t done = 0; done < input.size();)
      done += static_cast<std::size_t>(
          std::max<ssize_t>(0, write(in.ends[1], input.data() + done, input.size() - done)));
    in.close_writer();
  });
  std::thread reader([&] { result = read_all(out.ends[0]); });
  try {
    filter_lines(in.ends[0], out.ends[1], f);
  } catch (const Error& e) {
    error = e.what();
  }
  out.close_writer();
  writer.join(), reader.join();
  return result + error;
}

void number_and_line(std::string_view line, std::int64_t number, std::string& out) {
  out.append(std::to_string(number)).append(":").append(line);
}

}  // namespace

TEST_CASE("filter_lines keeps lines, numbers and order, for any number of threads") {
  std::string input, expected;
  for (int i = 1; i <= 60001; ++i) {
    const std::string line(static_cast<std::size_t>(i % 50), 'x');
    input += line + (i < 60001 ? "\n" : "");  // the last line has no line feed
    expected += std::to_string(i) + ":" + line + "\n";
  }
  for (const int t : {1, 2, 5}) {
    set_threads(t);
    const bool same = filtered(input, number_and_line) == expected;
    CHECK(same);
  }
  CHECK(filtered("", number_and_line) == "");
  CHECK(filtered("\n", number_and_line) == "1:\n");
  CHECK(filtered("a\n\nb", number_and_line) == "1:a\n2:\n3:b\n");
}

TEST_CASE("filter_lines ends at an error after the lines before it") {
  const auto stop_at_3 = [](std::string_view line, std::int64_t number, std::string& out) {
    out += line;
    if (number == 3) throw Error("stopped", "", "three");
  };
  CHECK(filtered("a\nb\nc\nd\n", stop_at_3) == "a\nb\nstopped: three");
}

TEST_CASE("filter_lines ends quietly when its reader goes away, and says when it cannot write") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe in, out;
  REQUIRE(write(in.ends[1], "a\nb\n", 4) == 4);
  out.close_reader();
  CHECK_NOTHROW(filter_lines(in.ends[0], out.ends[1], number_and_line));
  std::signal(SIGPIPE, before);

  Pipe again;
  REQUIRE(write(again.ends[1], "a\n", 2) == 2);
  CHECK_THROWS_AS(filter_lines(again.ends[0], -1, number_and_line), Error);
  CHECK_THROWS_AS(filter_lines(-1, 1, number_and_line), Error);
}
