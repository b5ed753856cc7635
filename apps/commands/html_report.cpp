#include "apps/commands/html_report.h"

#include <cstdio>

#include "apps/cli/counted.h"
#include "engine/io/atomic_file.h"

namespace plainsight {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// A path as a URL: bytes that mean something there are percent-encoded.
std::string url(const std::filesystem::path& path) {
  std::string out;
  for (const char c : path.generic_string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_';
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(byte));
    out += plain ? std::string(1, c) : code;
  }
  return out;
}

constexpr const char* kHead = R"(<!doctype html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Captions</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color: #222 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 1.5em }
img { width: 100%; height: 190px; object-fit: cover; border-radius: 4px; background: #eee }
figure { margin: 0 } figcaption { font-weight: 600 } li { color: #666 }
ul { margin: .3em 0; padding-left: 1.2em }
</style>
)";

}  // namespace

void write_html_report(const std::filesystem::path& page, const std::filesystem::path& images,
                       const std::vector<ReportRow>& rows, const Scores& scores, double perplexity) {
  const std::filesystem::path folder =
      std::filesystem::absolute(images).lexically_relative(std::filesystem::absolute(page).parent_path());
  char line[256];
  std::snprintf(line, sizeof line,
                "<h1>Captions of %s</h1>\n<p>BLEU-1..4 %.1f / %.1f / %.1f / %.1f, ROUGE-L %.1f, "
                "CIDEr-D %.1f, perplexity %.2f</p>\n<main>\n",
                counted(rows.size(), "image").c_str(), 100 * scores.bleu[0], 100 * scores.bleu[1],
                100 * scores.bleu[2], 100 * scores.bleu[3], 100 * scores.rouge_l, 100 * scores.cider,
                perplexity);
  AtomicFile out(page);
  out.write(kHead);
  out.write(line);
  for (const ReportRow& row : rows) {
    std::string figure = "<figure><img loading=\"lazy\" alt=\"\" src=\"" + url(folder / row.file) +
                         "\"><figcaption>" + escaped(row.caption) + "</figcaption><ul>";
    for (const std::string& reference : row.references) figure += "<li>" + escaped(reference) + "</li>";
    out.write(figure + "</ul></figure>\n");
  }
  out.write("</main>\n");
  out.commit();
}

}  // namespace plainsight
