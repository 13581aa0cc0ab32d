#include "control/siprec/metadata_reader.hpp"
#include "control/siprec/metadata_writer.hpp"
#include "media/base/check.hpp"

using namespace callfork;

/// Metadata of any dialect: what is read keeps to the limits, and what we write
/// of it can be read, in both of our dialects.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto space = callfork_space();
  const siprec::metadata_limits most{8192, 16, 8};
  const auto read = siprec::read_metadata(text, space, most);
  if (!read) {
    const auto status = read.error().status;
    CALLFORK_EXPECT(status == 400 || status == 413);
    return 0;
  }
  const auto& document = read->document;
  CALLFORK_EXPECT(size <= most.bytes && document.groups.size() <= most.elements
                  && document.sessions.size() <= most.elements
                  && document.participants.size() <= most.elements
                  && document.streams.size() <= most.elements);
  const auto standard = siprec::write_rfc7865(document, {});
  const auto again = siprec::read_metadata(standard, space, {});
  CALLFORK_EXPECT(again && again->written == siprec::dialect::rfc7865
                  && again->document.streams.size() == document.streams.size()
                  && again->document.participants.size()
                       == document.participants.size());
  const auto other = siprec::write_broadworks(document, space, read->platform);
  CALLFORK_EXPECT(siprec::read_metadata(other, space, {}).has_value());
  return 0;
}
