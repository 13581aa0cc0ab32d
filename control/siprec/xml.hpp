#pragma once

#include <pugixml.hpp>

#include <string>
#include <string_view>

/// The few things that writing and reading metadata need beside pugixml.
namespace callfork::siprec::xml {

/// Adds a child with text and returns it.
pugi::xml_node add(pugi::xml_node to, const char* name, std::string_view text);

/// The same, if there is any text.
void add_unless_empty(pugi::xml_node to, const char* name,
                      std::string_view text);

/// Sets an attribute.
void set(pugi::xml_node of, const char* name, std::string_view value);

/// The document as UTF-8 text with a declaration. What no XML may hold, as a
/// control character, is left out.
[[nodiscard]] std::string to_text(pugi::xml_document& of);

/// The name of an element without its prefix.
[[nodiscard]] std::string_view local_name(pugi::xml_node of) noexcept;

/// The text below an element, without the blanks around it.
[[nodiscard]] std::string text_of(pugi::xml_node of);

/// The first of these attributes that is there and not empty.
[[nodiscard]] std::string_view
attribute(pugi::xml_node of, std::initializer_list<const char*> names) noexcept;

/// The first child of that local name; null when there is none.
[[nodiscard]] pugi::xml_node child(pugi::xml_node of, std::string_view name);

/// How many levels there are below, up to `most`.
[[nodiscard]] std::size_t depth_of(pugi::xml_node root, std::size_t most);

} // namespace callfork::siprec::xml
