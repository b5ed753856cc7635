#include "model/captioner/decode_options.h"

#include "engine/base/error.h"

namespace plainsight {
namespace {

void refuse(const char* option, const std::string& why) { throw UsageError("wrong option", option, why); }

}  // namespace

void DecodeOptions::check() const {
  if (beam < 1 || beam > 64) refuse("--beam", "it must be from 1 to 64");
  if (!(temperature > 0 && temperature <= 100)) refuse("--temperature", "it must be above 0 and at most 100");
  if (top_k < 0) refuse("--top-k", "it must not be negative");
  if (!(top_p > 0 && top_p <= 1)) refuse("--top-p", "it must be above 0 and at most 1");
  if (!(length_penalty >= 0 && length_penalty <= 10)) refuse("--length-penalty", "it must be from 0 to 10");
  if (max_length < 2 || max_length > 1000) refuse("--max-length", "it must be from 2 to 1000");
  if (count < 1 || count > 1000) refuse("--num", "it must be from 1 to 1000");
  if (method == Method::greedy && count > 1) {
    refuse("--num", "greedy decoding finds one caption; use --decode beam or sample for more");
  }
  if (method == Method::beam && count > beam) {
    refuse("--num", "a beam of " + std::to_string(beam) + " finds at most as many captions; raise --beam");
  }
}

}  // namespace plainsight
