#include "control/siprec/xml.hpp"

#include <algorithm>

namespace callfork::siprec::xml {

namespace {

/// How many bytes the character at the front takes; 0 when it is none that
/// UTF-8 (RFC 3629 4) and XML 1.0 (section 2.2) can hold.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80)
    return lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  const auto size = lead < 0xc2   ? 0U
                    : lead < 0xe0 ? 2U
                    : lead < 0xf0 ? 3U
                    : lead < 0xf5 ? 4U
                                  : 0U;
  if (size > text.size())
    return 0;
  for (std::size_t at = 1; at < size; ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80)
      return 0;
  return size;
}

/// What XML can hold of a text.
std::string clean(std::string_view text) {
  std::string made;
  while (!text.empty()) {
    const auto size = character_size(text);
    made += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return made;
}

struct string_writer final : pugi::xml_writer {
  std::string text;

  void write(const void* bytes, std::size_t size) override {
    text.append(static_cast<const char*>(bytes), size);
  }
};

} // namespace

pugi::xml_node add(pugi::xml_node to, const char* name, std::string_view text) {
  auto made = to.append_child(name);
  made.text().set(clean(text).c_str());
  return made;
}

void add_unless_empty(pugi::xml_node to, const char* name,
                      std::string_view text) {
  if (!text.empty())
    add(to, name, text);
}

void set(pugi::xml_node of, const char* name, std::string_view value) {
  auto made = of.attribute(name);
  if (!made)
    made = of.append_attribute(name);
  made.set_value(clean(value).c_str());
}

std::string to_text(pugi::xml_document& of) {
  auto head = of.prepend_child(pugi::node_declaration);
  head.append_attribute("version") = "1.0";
  head.append_attribute("encoding") = "UTF-8";
  string_writer made;
  of.save(made, "  ", pugi::format_indent, pugi::encoding_utf8);
  return std::move(made.text);
}

std::string_view local_name(pugi::xml_node of) noexcept {
  const std::string_view whole{of.name()};
  const auto colon = whole.rfind(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

std::string text_of(pugi::xml_node of) {
  const std::string_view text{of.text().get()};
  constexpr std::string_view blank = " \t\r\n";
  const auto from = text.find_first_not_of(blank);
  if (from == std::string_view::npos)
    return {};
  return std::string{
    text.substr(from, text.find_last_not_of(blank) - from + 1)};
}

std::string_view attribute(pugi::xml_node of,
                           std::initializer_list<const char*> names) noexcept {
  for (const auto* name : names)
    if (const std::string_view value{of.attribute(name).value()};
        !value.empty())
      return value;
  return {};
}

pugi::xml_node child(pugi::xml_node of, std::string_view name) {
  for (auto each : of.children())
    if (local_name(each) == name)
      return each;
  return {};
}

std::size_t depth_of(pugi::xml_node root, std::size_t most) {
  std::size_t deepest = 0;
  std::size_t depth = 0;
  for (auto at = root; at;) {
    deepest = std::max(deepest, depth);
    if (at.first_child() && depth < most) {
      at = at.first_child();
      ++depth;
      continue;
    }
    while (at != root && !at.next_sibling()) {
      at = at.parent();
      --depth;
    }
    at = at == root ? pugi::xml_node{} : at.next_sibling();
  }
  return deepest;
}

} // namespace callfork::siprec::xml
