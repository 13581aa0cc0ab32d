#pragma once

#include "control/siprec/metadata.hpp"

#include <pugixml.hpp>

namespace callfork::siprec {

/// The name space of what callfork says beyond the standard.
inline constexpr auto callfork_space_name = "urn:callfork:recording:1";

/// Adds an announcement in that name space, whose prefix there is `cf`.
void add_announcement(pugi::xml_node to, const told_announcement& from);

} // namespace callfork::siprec
