#include "apps/cli/common_options.h"

#include "apps/cli/config_file.h"
#include "apps/cli/number_option.h"
#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {

void add_common(CLI::App& command, CommonOptions& options, const std::string& example) {
  command.option_defaults()->group("Common options");
  command.set_help_flag("--help,-h", "Print this help");  // again, so that it is in this group
  add_number(command, "--threads", options.threads, Range<int>{1, 4096},
             "Threads to use (default: the processors this process may use)");
  command.add_flag("--quiet,-q", options.quiet, "No progress on stderr");
  add_config_option(command);
  // From here on an empty path means "not given"; a shell's unset variable must not pass for that.
  for (CLI::Option* option : command.get_options())
    if (option->get_type_name() == "FILE" || option->get_type_name() == "DIR")
      option->check([](const std::string& path) { return path.empty() ? "the path is empty" : ""; });
  command.footer("Example:\n  " + example);
}

void add_engine_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--engine", options.engine,
                  "tuned: hand-written kernels; plain: the textbook's formulas, on Eigen and BLAS (default: "
                  "$PLAINSIGHT_ENGINE, else tuned on x86-64, plain elsewhere)")
      ->check(CLI::IsMember({"tuned", "plain"}))
      ->group("Common options");
}

void apply(const CommonOptions& options) {
  if (options.threads > 0) set_threads(options.threads);
  if (!options.engine.empty()) set_engine(parse_engine(options.engine));
}

std::string engine_in_words() {
  if (engine() == Engine::plain) return "engine plain, on Eigen and BLAS";
  return std::string("engine tuned, instruction set ") + name_of(kernels().isa);
}

}  // namespace plainsight
