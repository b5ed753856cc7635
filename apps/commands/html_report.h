#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "text/scores.h"

namespace plainsight {

/// One image of a report: its file below the image folder, what the model said, what people said.
struct ReportRow {
  std::string file, caption;
  std::vector<std::string> references;
};

/// Writes one HTML page: the scores, then every image with its caption and references. Images are linked
/// relative to the page where that is possible. Throws Error when the page cannot be written.
void write_html_report(const std::filesystem::path& page, const std::filesystem::path& images,
                       const std::vector<ReportRow>& rows, const Scores& scores, double perplexity);

}  // namespace plainsight
