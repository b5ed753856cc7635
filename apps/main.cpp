#include "apps/commands/commands.h"

namespace plainsight {

int run_plainsight(int argc, char** argv) {
  CLI::App app{
      "Captions images; every number between the pixel and the sentence is computed by code you can read.",
      "plainsight"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "plainsight " PLAINSIGHT_VERSION);
  Action action;
  add_demo(app, action);
  add_extract(app, action);
  add_train(app, action);
  add_caption(app, action);
  add_evaluate(app, action);
  add_score(app, action);
  add_explain(app, action);
  add_summary(app, action);
  add_dataset(app, action);
  add_gradcheck(app, action);
  add_tokenize(app, action);
  app.footer("plainsight COMMAND --help shows a command's options and an example.");
  return run_program(app, argc, argv, action);
}

}  // namespace plainsight

int main(int argc, char** argv) { return plainsight::run_plainsight(argc, argv); }
