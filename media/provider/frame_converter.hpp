#pragma once

#include "media/base/bytes.hpp"
#include "media/base/payload_format.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace callfork::provider {

/// Turns the payloads of one source, in order, into those of another format:
/// one for one, so that sequence numbers stay and losses stay where they were.
/// One thread; converting allocates nothing once it is warm.
class frame_converter {
public:
  virtual ~frame_converter() = default;

  /// What it makes: the encoding, and the RTP clock of its timestamps.
  [[nodiscard]] virtual const payload_format& makes() const noexcept = 0;

  /// How much later than its payload a sound comes out, in ticks of the made
  /// format's clock.
  [[nodiscard]] virtual std::uint32_t latency() const noexcept = 0;

  /// Converts the next payload. Returns the size of what was written to `to`;
  /// 0 when it cannot be read, or does not fit.
  [[nodiscard]] virtual std::size_t convert(bytes_view payload,
                                            bytes_span to) noexcept = 0;

  /// Makes up a payload of `ticks` of the made format's clock in place of one
  /// that was lost before `next`, the payload that came after it. `nearest`
  /// says that none is missing in between. Returns its size, or 0.
  [[nodiscard]] virtual std::size_t conceal(bytes_view next, bool nearest,
                                            std::uint32_t ticks,
                                            bytes_span to) noexcept = 0;

  /// A new source begins: forgets the past.
  virtual void restart() noexcept = 0;
};

using frame_converter_ptr = std::unique_ptr<frame_converter>;

/// Whether `make_converter` makes one between these, without making it.
[[nodiscard]] bool can_convert(const payload_format& from,
                               const payload_format& to) noexcept;

/// The converter between two formats: from PCMU, PCMA, G722 or opus to PCMU or
/// PCMA. Null when there is none, or no need of one.
[[nodiscard]] frame_converter_ptr make_converter(const payload_format& from,
                                                 const payload_format& to);

} // namespace callfork::provider
