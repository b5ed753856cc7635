#include <cinttypes>
#include <cstdio>

#include "apps/cli/common_options.h"
#include "apps/cli/counted.h"
#include "apps/cli/interrupts.h"
#include "apps/cli/output_path.h"
#include "apps/cli/program.h"
#include "apps/cli/progress.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "weights-convert/expect_vgg16.h"
#include "weights-convert/write_pth.h"
#include "weights-convert/write_safetensors.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  std::string in, out, expect;
  bool list = false;
};

std::uint64_t total_bytes(const convert::Weights& weights) {
  std::uint64_t total = 0;
  for (const convert::SourceTensor& t : weights.tensors) total += t.bytes();
  return total;
}

void print_list(const convert::Weights& weights) {
  for (const convert::SourceTensor& t : weights.tensors)
    std::printf("%s\t%s\t%s\n", printable(t.name).c_str(), std::string(name_of(t.dtype)).c_str(),
                shape_text(t.shape).c_str());
}

int run(const Options& options) {
  apply(options.common);
  const std::string suffix = std::filesystem::path(options.out).extension().string();
  if (options.out.empty() && !options.list && options.expect.empty())
    throw UsageError("nothing to do", "OUT", "no output file was given", "Give OUT, --list or --expect");
  if (!options.out.empty() && suffix != ".safetensors" && suffix != ".pth")
    throw UsageError("cannot choose the format", options.out,
                     "the name ends neither in .safetensors nor in .pth");

  if (!options.out.empty()) check_output_path(options.out, {options.in});

  const convert::Weights weights = convert::read_weights(options.in);
  if (!options.expect.empty()) convert::expect_vgg16(weights);
  if (options.list) print_list(weights);
  const std::uint64_t total = total_bytes(weights);
  if (!options.out.empty()) {
    watch_interrupts();
    Progress progress("converting", "MB", static_cast<std::int64_t>(total / 1'000'000), options.common.quiet);
    const auto report = [&](std::uint64_t done) {
      if (interrupted()) throw Error("stopped", options.out, "interrupted", "Nothing was written");
      progress.update(static_cast<std::int64_t>(done / 1'000'000));
    };
    (suffix == ".pth" ? convert::write_pth : convert::write_safetensors)(weights, options.out, report);
  }
  if (!options.list)  // whose lines are the result
    std::printf("%s\t%s\t%" PRIu64 " bytes\tfrom a %s\n",
                printable(options.out.empty() ? options.in : options.out).c_str(),
                counted(weights.tensors.size(), "tensor").c_str(), total, weights.container.c_str());
  return kDone;
}

}  // namespace
}  // namespace plainsight

int main(int argc, char** argv) {
  using namespace plainsight;
  CLI::App app{
      "Converts weights between PyTorch's files, pickled numpy arrays and safetensors. Executes nothing that "
      "is in a file.",
      "weights-convert"};
  app.set_version_flag("--version", "weights-convert " PLAINSIGHT_VERSION);
  Options options;
  app.add_option("IN", options.in,
                 "A .pth of torch.save (either container), a .pkl dict of numpy arrays, or .safetensors")
      ->required()
      ->type_name("FILE");
  app.add_option("OUT", options.out, "The file to write: .safetensors or .pth, by its name")
      ->type_name("FILE");
  app.add_flag("--list", options.list, "Print name, dtype and shape of every tensor, separated by tabs");
  app.add_option("--expect", options.expect, "Fail unless names and shapes are those of this model")
      ->check(CLI::IsMember({"vgg16"}));
  add_common(app, options.common, "weights-convert --expect vgg16 vgg16-397923af.pth vgg16.safetensors");
  return run_program(app, argc, argv, [&] { return run(options); });
}
