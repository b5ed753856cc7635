#include "data/captions.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"

using namespace plainsight;
using Texts = std::vector<std::string>;

namespace {

std::vector<ImageCaptions> parse(std::string_view text, CaptionFormat format = CaptionFormat::csv) {
  return parse_captions(text, format, "c.txt");
}

std::string message_of(std::string_view text, CaptionFormat format = CaptionFormat::csv) {
  try {
    parse(text, format);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("CSV captions keep commas, quotes and line feeds") {
  const auto images = parse(
      "image,caption\nb.jpg,A dog .\na.x.jpg,\"Hats, \"\"big\"\" "
      "ones\"\nb.jpg,\"two\nlines\"\r\n\nc.jpg,\nd.jpg,end");
  REQUIRE(images.size() == 4);
  CHECK(images[0].id == "b");
  CHECK(images[0].file == "b.jpg");
  CHECK(images[0].captions == Texts{"A dog .", "two\nlines"});
  CHECK(images[1].id == "a");
  CHECK(images[1].captions == Texts{"Hats, \"big\" ones"});
  CHECK(images[0].lines == std::vector<std::size_t>{2, 4});
  CHECK(images[2].captions == Texts{""});
  CHECK(images[2].lines == std::vector<std::size_t>{7});
  CHECK(images[3].captions == Texts{"end"});
}

TEST_CASE("a byte order mark before the header is no part of it") {
  for (const CaptionFormat format : {CaptionFormat::csv, CaptionFormat::notebook})
    CHECK(parse("\uFEFFimage,caption\na.jpg,x\n", format)[0].captions == Texts{"x"});
}

TEST_CASE("the notebook's captions end at their first comma") {
  const auto images = parse("any header\nb.jpg,\"Hats, big\"\nno comma here\rb.png,x,y\r\n\nc.jpg,z\n",
                            CaptionFormat::notebook);
  REQUIRE(images.size() == 2);
  CHECK(images[0].captions == Texts{"\"Hats", "x"});
  CHECK(images[0].file == "b.jpg");
  CHECK(images[1].captions == Texts{"z"});
}

TEST_CASE("a captions file that is not UTF-8 is refused with its line, as Python's open() refuses it") {
  for (const CaptionFormat format : {CaptionFormat::csv, CaptionFormat::notebook}) {
    const auto refused = [&](const std::string& text, const char* line, const char* byte) {
      CAPTURE(text);
      CHECK(message_of(text, format) ==
            std::string("cannot read captions (c.txt, line ") + line + "): its byte " + byte +
                ", is not UTF-8. Convert it, for example with `iconv -f latin1 -t "
                "utf-8`");
    };
    refused("image,caption\na.jpg,caf\xE9\n", "2", "10, \\xe9");
    refused("image,caption\r\na.jpg,x\r\ncaf\xE9.jpg,y\r\n", "3", "4, \\xe9");
    refused("image,caption\ra.jpg,x\rb.jpg,\xED\xA0\x80\r", "3", "7, \\xed");  // a surrogate
    refused("image,caption\na.jpg,\"x\ny\xC0\xAFz\"\n", "3", "2, \\xc0");      // an overlong form
    refused("image,caption\na.jpg,a caption long enough for eight at a time \xF0\x9F\x98", "2", "49, \\xf0");
    refused("\xFF\xFEi\0m\0", "1", "1, \\xff");  // UTF-16
    CHECK(parse("image,caption\ncaf\u00E9.jpg,a \U0001F415 .\uFFFD\n", format)[0].captions ==
          Texts{"a \U0001F415 .\uFFFD"});
  }
}

TEST_CASE("a bad captions file is refused with its line") {
  CHECK(
      message_of("") ==
      "cannot read captions (c.txt, line 1): it is empty. Expected: a first line `image,caption`, then lines "
      "`dog.jpg,A dog runs .`");
  CHECK(message_of("a.jpg,x\n").starts_with("cannot read captions (c.txt, line 1): the header"));
  CHECK(message_of("image,caption\n").find("no captions") != std::string::npos);
  CHECK(message_of("h\n", CaptionFormat::notebook).find("no captions") != std::string::npos);
  CHECK(message_of("image,caption\na.jpg,x\nb.jpg\n")
            .starts_with("cannot read captions (c.txt, line 3): the row has no"));
  CHECK(message_of("image,caption\na.jpg,\"x\ny\"\nb.jpg,x,y\n")
            .starts_with("cannot read captions (c.txt, line 4): the row has more"));
  CHECK(message_of("image,caption\na.jpg,\"x\n")
            .starts_with("cannot read captions (c.txt, line 2): a quote opens"));
  CHECK(message_of("image,caption\na.jpg,\"x\"y\n")
            .starts_with("cannot read captions (c.txt, line 2): text follows"));
  CHECK(message_of("image,caption\n,x\n")
            .starts_with("cannot read captions (c.txt, line 2): the image has no name"));
  for (const std::string file : {".jpg", "../b.jpg", "...jpg"})
    CHECK(message_of("image,caption\n" + file + ",x\n")
              .starts_with("cannot read captions (c.txt, line 2): \"" + file + "\" begins with a dot"));
  CHECK(message_of("image,caption\na.jpg,x\na.png,y\n")
            .starts_with("cannot read captions (c.txt, line 3): \"a.png\" and \"a.jpg\""));
  // Lines end in LF, CR LF or CR, within a quoted caption too.
  for (const std::string end : {"\n", "\r\n", "\r"})
    CHECK(message_of("image,caption" + end + "a.jpg,\"x" + end + "y\"" + end + end + "b.jpg,x" + end +
                     "c.jpg" + end)
              .starts_with("cannot read captions (c.txt, line 6): the row has no"));
  const std::string long_line = "image,caption\na.jpg," + std::string(70000, 'x') + "\n";
  CHECK(message_of(long_line).starts_with(
      "cannot read captions (c.txt, line 2): the line is longer than 64 KB"));
  CHECK(message_of(long_line, CaptionFormat::notebook).find("line 2): the line is longer") !=
        std::string::npos);
  CHECK(message_of("image,caption\na.jpg,\"" + std::string(70000, 'x') + "\"\n")
            .starts_with(
                "cannot read captions (c.txt, line 2): a quote opens and does not close within 64 KB"));
  CHECK_THROWS_AS(read_captions("/nonexistent/captions.txt", CaptionFormat::csv), Error);
}
