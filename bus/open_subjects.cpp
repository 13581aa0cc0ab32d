#include "bus/open_subjects.hpp"

#include <fmt/format.h>

#include <charconv>

namespace callfork::bus {
namespace {

constexpr std::string_view type_prefix = "io.callfork.";

bool starts_call(std::string_view noun) {
  return noun == "session" || noun == "participant" || noun == "stream";
}

bool is_end(std::string_view type) {
  return type == "session.ended.v1" || type == "recording.stopped.v1"
         || type == "recording.failed.v1";
}

/// Deliveries go on after a recording's end and do not open it again.
bool is_afterword(std::string_view noun) {
  return noun == "provider";
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, into);
  return error == std::errc{} && end == last;
}

/// Tabs and line breaks part the saved form; they are written as %xx.
std::string escape(std::string_view text) {
  std::string made;
  for (const char letter : text)
    if (static_cast<unsigned char>(letter) <= 0x20U || letter == '%')
      made += fmt::format("%{:02x}", static_cast<unsigned char>(letter));
    else
      made += letter;
  return made;
}

std::string unescape(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    const auto* digits = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size()
        && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      made += static_cast<char>(value);
      at += 2;
    } else {
      made += text[at];
    }
  }
  return made;
}

std::string_view take_until(std::string_view& from, char end) {
  const auto at = from.find(end);
  const auto taken = from.substr(0, at);
  from.remove_prefix(at == std::string_view::npos ? from.size() : at + 1);
  return taken;
}

} // namespace

void open_subjects::apply(const record& from) {
  const auto type = header_of(from, "ce_type");
  const auto subject = header_of(from, "ce_subject");
  if (!type || !subject || !type->starts_with(type_prefix))
    return;
  const auto name = std::string_view{*type}.substr(type_prefix.size());
  const auto noun = name.substr(0, name.find('.'));
  if (is_end(name)) {
    open_.erase(*subject);
    return;
  }
  const auto known = open_.find(*subject);
  if (known == open_.end() && is_afterword(noun))
    return;
  auto& now = open_[*subject];
  // What a call is told of later, as announcements, may concern recordings too.
  if (now.subject.empty())
    now.kind = starts_call(noun) ? subject_kind::call : subject_kind::recording;
  now.subject = *subject;
  now.call_key = from.key;
  read_number(header_of(from, "ce_sequence").value_or(""), now.last_sequence);
  read_number(header_of(from, "ce_epoch").value_or(""), now.epoch);
}

std::vector<open_subject> open_subjects::of(subject_kind kind) const {
  std::vector<open_subject> found;
  for (const auto& [subject, each] : open_)
    if (each.kind == kind)
      found.push_back(each);
  return found;
}

std::string open_subjects::save() const {
  std::string made;
  for (const auto& [subject, each] : open_)
    made += fmt::format("{}\t{}\t{}\t{}\t{}\n",
                        each.kind == subject_kind::call ? "call" : "recording",
                        escape(subject), escape(each.call_key),
                        each.last_sequence, each.epoch);
  return made;
}

open_subjects open_subjects::load(std::string_view text) {
  open_subjects made;
  while (!text.empty()) {
    auto line = take_until(text, '\n');
    open_subject each;
    const auto kind = take_until(line, '\t');
    each.subject = unescape(take_until(line, '\t'));
    each.call_key = unescape(take_until(line, '\t'));
    const bool numbers = read_number(take_until(line, '\t'), each.last_sequence)
                         && read_number(take_until(line, '\t'), each.epoch);
    if (!numbers || (kind != "call" && kind != "recording"))
      continue;
    each.kind = kind == "call" ? subject_kind::call : subject_kind::recording;
    auto key = each.subject;
    made.open_.emplace(std::move(key), std::move(each));
  }
  return made;
}

} // namespace callfork::bus
