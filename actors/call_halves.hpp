#pragma once

#include "actors/call_law.hpp"
#include "actors/call_record.hpp"
#include "actors/call_world.hpp"
#include "control/api/live_board.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace callfork::actors {

/// Whose ends of a call are recorded, as administrators have decided. Where
/// they have not, a call has one half whose rules are those of the node and of
/// its requests. Belongs to the call's shard; the references outlive it.
class call_halves {
public:
  call_halves(const call_world& world, call_record& record, call_law& law);

  /// Decides by what signalling has said until now; to be called for each
  /// request until the call is answered. `hears`: the parties could hear what
  /// we play.
  void decide(bool hears, instant now);

  /// Looks again, every few seconds: recordings that are not allowed any more
  /// end.
  void look_again(instant now);

  /// The half of a person, by identifier, e-mail or address; of an empty name,
  /// all. Nothing: nobody of that name is recorded here.
  [[nodiscard]] std::vector<std::size_t>
  halves_of(std::string_view person) const;

  /// What the person of a half asks of its recording is done, if the law lets
  /// it be: on their own half alone.
  [[nodiscard]] expected<void, api::desk_refusal>
  grant(const api::call_wish& what, instant now);

private:
  [[nodiscard]] std::vector<kept_decision> decisions() const;
  [[nodiscard]] bool is_decided() const noexcept;
  [[nodiscard]] bool knows_somebody() const;
  void forbid(instant now);

  const call_world& world_;
  call_record& record_;
  call_law& law_;
  time_point looked_{};
};

} // namespace callfork::actors
