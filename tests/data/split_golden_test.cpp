#include <doctest/doctest.h>

#include "data/split.h"
#include "tests/support/data.h"
#include "tests/support/text_golden.h"

using namespace plainsight;

TEST_CASE("random splits are scikit-learn's train_test_split, for many sizes and seeds") {
  const auto lines = test::read_lines(test::golden("split.txt"));
  REQUIRE(lines.size() == 240);
  for (const std::string& line : lines) {
    const auto fields = test::split(line, ' ');
    REQUIRE(fields.size() == 9);
    std::vector<std::string> ids;
    for (int i = 0; i < std::stoi(fields[0]); ++i) ids.push_back(std::to_string(i));
    const Split split =
        random_split(ids, std::stod(fields[1]), static_cast<std::uint32_t>(std::stoul(fields[2])));
    const auto text = [](const std::vector<std::string>& part) {
      std::string all;
      for (const std::string& id : part) all += id + '\n';
      return all;
    };
    CAPTURE(line);
    CHECK(std::to_string(split.train.size()) == fields[3]);
    CHECK(std::to_string(split.val.size()) == fields[4]);
    CHECK(test::fnv1a(text(split.train)) == fields[5]);
    CHECK(test::fnv1a(text(split.val)) == fields[6]);
  }
}
