#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>

#include "apps/cli/number_option.h"
#include "apps/commands/commands.h"
#include "engine/check/check_op.h"

namespace plainsight {

namespace {

struct Options {
  CommonOptions common;
  std::uint64_t seed = 1;
};

// The worst of an operation over its shapes.
struct Worst {
  int shapes = 0;
  double forward = 0, backward = 0;
};

int gradcheck(const Options& options) {
  apply(options.common);
  std::map<std::string, Worst> operations;
  std::vector<std::string> failures;
  for (const OpCheck& op : all_op_checks()) {
    const OpReport report = check_op(op, options.seed);
    Worst& worst = operations[report.name.substr(0, report.name.find(' '))];
    ++worst.shapes;
    worst.forward = std::max(worst.forward, report.forward_error);
    worst.backward = std::max(worst.backward, report.backward_error);
    failures.insert(failures.end(), report.failures.begin(), report.failures.end());
  }
  std::printf("Worst errors against the plain engine in double and its complex-step derivatives,\n");
  std::printf("relative to the largest value (%s, seed %llu):\n\n", engine_in_words().c_str(),
              static_cast<unsigned long long>(options.seed));
  std::printf("%-22s %6s %10s %10s\n", "operation", "shapes", "forward", "backward");
  for (const auto& [name, worst] : operations) {
    std::printf("%-22s %6d %10.1e %10.1e\n", name.c_str(), worst.shapes, worst.forward, worst.backward);
  }
  for (const std::string& failure : failures) std::printf("FAILED %s\n", failure.c_str());
  std::printf("\n%s\n", failures.empty() ? "All operations are right." : "Some operations are wrong.");
  return failures.empty() ? kDone : kFailed;
}

}  // namespace

void add_gradcheck(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("gradcheck", "Check every differentiable operation on this machine");
  add_number_with_default(*command, "--seed", options->seed,
                          Range<std::uint64_t>{0, std::numeric_limits<std::uint64_t>::max()},
                          "Of the random operands");
  add_engine_option(*command, options->common);
  add_common(*command, options->common, "plainsight gradcheck");
  command->callback([options, &action] { action = [options] { return gradcheck(*options); }; });
}

}  // namespace plainsight
