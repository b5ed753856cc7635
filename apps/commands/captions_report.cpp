#include "apps/commands/captions_report.h"

#include <cstdio>

#include "data/caption_rows.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"

namespace plainsight {

void report_empty_captions(const std::string& file, const std::vector<ImageCaptions>& images) {
  const EmptyCaptions found = empty_captions(images);
  const std::string first = file + ", line " + std::to_string(found.first_line);
  if (found.empty == found.captions)
    throw Error("cannot learn from captions", first, "cleaning leaves no word of this one, nor of any other",
                "It keeps words of two or more letters a to z: captions are to be English");
  if (found.empty > 0)
    std::fprintf(
        stderr,
        "plainsight: warning: captions that cleaning empties (it keeps words of two or more letters a to "
        "z): %zu of %zu, the first in %s\n",
        found.empty, found.captions, printable(first).c_str());
}

}  // namespace plainsight
