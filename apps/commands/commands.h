#pragma once

#include "apps/cli/common_options.h"
#include "apps/cli/program.h"

namespace plainsight {

// One function per subcommand, each in NAME.cpp: adds the subcommand to `app`. When the user chose it, its
// callback puts its work into `action`. main.cpp lists and calls them.
void add_caption(CLI::App& app, Action& action);
void add_dataset(CLI::App& app, Action& action);
void add_demo(CLI::App& app, Action& action);
void add_evaluate(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_extract(CLI::App& app, Action& action);
void add_gradcheck(CLI::App& app, Action& action);
void add_score(CLI::App& app, Action& action);
void add_summary(CLI::App& app, Action& action);
void add_tokenize(CLI::App& app, Action& action);
void add_train(CLI::App& app, Action& action);

/// The whole program: parses, runs the chosen command, returns the exit code. `demo` calls it for each stage.
int run_plainsight(int argc, char** argv);

}  // namespace plainsight
