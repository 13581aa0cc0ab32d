#include "control/siprec/body.hpp"
#include "media/base/check.hpp"

#include <algorithm>

using namespace callfork;

/// A body of any kind, its Content-Type in the first line: what is read keeps
/// to the limits and, written again, reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto line = text.substr(0, text.find('\n'));
  const auto body = text.substr(std::min(line.size() + 1, size));
  const siprec::body_limits most{4096, 4, 256};
  const auto parts = siprec::read_body(line, body, most);
  if (!parts) {
    const auto status = parts.error().status;
    CALLFORK_EXPECT(status == 400 || status == 413);
    return 0;
  }
  CALLFORK_EXPECT(body.size() <= most.bytes && parts->size() <= most.parts);
  static constexpr std::string_view boundary = "--no part can hold it--";
  const auto is_plain = [](const siprec::body_part& part) {
    const auto all = part.type + part.disposition + part.content;
    return all.find(boundary) == std::string::npos
           && part.type.find_first_of("\r\"") == std::string::npos
           && !part.type.starts_with("multipart/")
           && part.disposition.find_first_of("\r\"") == std::string::npos
           && (!part.optional || !part.disposition.empty());
  };
  if (parts->size() < 2 || !std::ranges::all_of(*parts, is_plain))
    return 0;
  const auto written = siprec::write_body(*parts, boundary);
  const auto again = siprec::read_body(written.content_type, written.content,
                                       {});
  CALLFORK_EXPECT(again && again->size() == parts->size());
  for (std::size_t at = 0; at < parts->size(); ++at) {
    const auto& one = (*parts)[at];
    const auto& other = (*again)[at];
    CALLFORK_EXPECT(one.type == other.type && one.content == other.content
                    && one.disposition == other.disposition
                    && one.optional == other.optional);
  }
  return 0;
}
