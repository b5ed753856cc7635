#include "apps/commands/commands.h"

namespace plainsight {

int run_plainsight(int argc, char** argv) {
  CLI::App app{
      "Captions pictures; every number between the pixel and the sentence is computed by code you can read.",
      "plainsight"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "plainsight " PLAINSIGHT_VERSION);
  Run run;
  add_demo(app, run);
  add_extract(app, run);
  add_train(app, run);
  add_caption(app, run);
  add_evaluate(app, run);
  add_explain(app, run);
  add_summary(app, run);
  add_dataset(app, run);
  add_gradcheck(app, run);
  add_tokenize(app, run);
  app.footer("plainsight COMMAND --help shows a command's options and an example.");
  return run_program(app, argc, argv, run);
}

}  // namespace plainsight

int main(int argc, char** argv) { return plainsight::run_plainsight(argc, argv); }
