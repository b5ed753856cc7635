// Addresses of the web and of mail, names of Twitter.

#include <algorithm>

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

// Characters of the parts of an address.
bool in_path(char16_t c) { return !is_one_of(c, u" \t\n\f\r\"<>|()"); }
bool in_url(char16_t c) { return in_path(c) && !is_one_of(c, u"{}"); }
bool ends_url(char16_t c) { return in_url(c) && !is_one_of(c, u".!?,-"); }
bool in_www(char16_t c) { return in_url(c) && !is_one_of(c, u".!?,"); }
// Small letters, and signs that are neither near the digits nor near the capitals in ASCII.
bool in_host(char16_t c) { return in_www(c) && !is_one_of(c, u"`'$") && !(c >= u',' && c <= u'_'); }
bool in_local_part(char16_t c) { return in_url(c) && c != u'\u00A0'; }
bool in_domain(char16_t c) { return in_local_part(c) && c != u'.'; }

// The end of characters of `in`, without those at the end that do not end an address; `at` where fewer than
// two are left.
template <class Class>
std::size_t address_end(const Text& text, std::size_t at, Class in) {
  std::size_t end = text.run(at, in);
  while (end > at && !ends_url(text[end - 1])) --end;
  return end >= at + 2 ? end : at;
}

// The path after a host.
std::size_t with_path(const Text& text, std::size_t host_end) {
  if (text[host_end] != u'/') return host_end;
  const std::size_t end = address_end(text, host_end + 1, in_path);
  return end > host_end + 1 ? end : host_end;
}

void offer_full_url(const Text& text, std::size_t at, Token& best) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.has(at, scheme)) {
      const std::size_t begin = at + scheme.size(), end = address_end(text, begin, in_url);
      if (end > begin) best.offer(Kind::kUrl, end);
    }
}

// Labels of `in` that dots join, from `first` on: calls back with the begin of each that follows a dot.
template <class Class, class Callback>
std::size_t each_label(const Text& text, std::size_t first, Class in, Callback label) {
  std::size_t end = text.run(first, in);
  while (end > first && text[end] == u'.') {
    first = end + 1;
    label(first);
    end = text.run(first, in);
  }
  return end;
}

// www.x.org/a, where the last label begins with two letters.
void offer_www(const Text& text, std::size_t at, DeadEnd& dead, Token& best) {
  if (at < dead.end || !text.has(at, "www.")) return;
  std::size_t found = 0;
  bool path = false;  // it covers all labels that follow
  const std::size_t end = each_label(text, at + 4, in_www, [&](std::size_t label) {
    const std::size_t domain = text.run(label, is_ascii_letter, 4);
    if (path || domain < label + 2) return;
    found = with_path(text, domain);
    path = found > domain;
  });
  if (found > 0)
    best.offer(Kind::kUrl, found);
  else
    dead.end = end;
}

// x.org/a
void offer_host(const Text& text, std::size_t at, DeadEnd& dead, Token& best) {
  if (at < dead.end || !in_host(text[at])) return;
  std::size_t found = 0;
  const std::size_t end = each_label(text, at, in_host, [&](std::size_t label) {
    for (const std::string_view domain : {"com", "net", "org", "edu"})
      if (text.has(label, domain)) found = std::max(found, with_path(text, label + 3));
  });
  if (found > 0)
    best.offer(Kind::kUrl, found);
  else
    dead.end = end;
}

// a.b@c.org, also in angle brackets. The last @ counts.
void offer_email(const Text& text, std::size_t at, DeadEnd& dead, Token& best) {
  if (at < dead.end) return;
  const std::size_t begin = at + (text[at] == u'<' ? 1 : text.has(at, "&lt;") ? 4 : 0);
  for (const std::size_t first : {at, begin}) {
    if (!is_ascii_alphanumeric(text[first])) continue;
    const std::size_t run = text.run(first, in_local_part);
    std::size_t sign = run - 1;
    while (sign > first && !(text[sign] == u'@' && in_domain(text[sign + 1]))) --sign;
    if (sign == first) {
      dead.end = run;
      return;
    }
    std::size_t end = each_label(text, sign + 1, in_domain, [](std::size_t) {});
    if (text[end - 1] == u'.') --end;
    if (text[end] == u'>') ++end;
    best.offer(Kind::kEmail, end);
  }
}

// @name, #topic
void offer_handle(const Text& text, std::size_t at, Token& best) {
  const auto in_name = [](char16_t c) { return is_ascii_letter(c) || c == u'_'; };
  if (text[at] == u'@' && in_name(text[at + 1]))
    best.offer(Kind::kHandle, text.run(at + 1, [&](char16_t c) { return in_name(c) || is_ascii_digit(c); }));
  if (text[at] != u'#') return;
  std::size_t end = at + 1;
  while (const std::size_t letter = word_letter_length(text, end)) end += letter;
  if (end > at + 1) best.offer(Kind::kHandle, end);
}

}  // namespace

void offer_addresses(const Text& text, std::size_t at, DeadEnds& dead, Token& best) {
  offer_full_url(text, at, best);
  offer_www(text, at, dead.www, best);
  offer_host(text, at, dead.url, best);
  offer_email(text, at, dead.email, best);
  offer_handle(text, at, best);
}

}  // namespace plainsight::ptb
