#pragma once

#include "apps/cli/common.h"

namespace plainsight {

// One function per subcommand, each in its own command_NAME.cpp: adds the subcommand to `app`; when the user
// chose it, its callback puts what is to be done into `run`. (List and call them in main.cpp.)
void add_caption(CLI::App& app, Run& run);
void add_dataset(CLI::App& app, Run& run);
void add_demo(CLI::App& app, Run& run);
void add_evaluate(CLI::App& app, Run& run);
void add_explain(CLI::App& app, Run& run);
void add_extract(CLI::App& app, Run& run);
void add_gradcheck(CLI::App& app, Run& run);
void add_summary(CLI::App& app, Run& run);
void add_tokenize(CLI::App& app, Run& run);
void add_train(CLI::App& app, Run& run);

/// The whole program: parses, runs the command that was chosen, returns the exit code.
/// `demo` runs the others by it.
int run_plainsight(int argc, char** argv);

}  // namespace plainsight
