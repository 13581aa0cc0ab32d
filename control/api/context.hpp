#pragma once

#include "control/admin/deeds.hpp"
#include "control/admin/registry.hpp"
#include "control/api/access.hpp"
#include "control/api/audit.hpp"
#include "control/api/call_desk.hpp"
#include "control/api/download_links.hpp"
#include "control/api/exchange.hpp"
#include "control/api/sink_health.hpp"
#include "control/api/touched.hpp"
#include "control/catalogue/catalogue.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::api {

/// What the operations work on. Each may be null: without calls or recordings
/// their operations answer 503, without a book all of them do.
struct services {
  std::shared_ptr<admin::registry> book;
  std::shared_ptr<call_desk> calls;
  std::shared_ptr<catalogue::catalogue> recordings;
  std::shared_ptr<const download_links> links;
  std::shared_ptr<audit> log; ///< None: nothing is noted.
  /// How the node's sinks do now. Any thread; may outlive the node.
  std::function<sinks_health()> sinks{};
};

/// One request's circumstances.
struct context {
  const services& with;
  const caller& who;
  /// Whose things are asked for, as it was when the request came; empty for
  /// operations that are about no organisation.
  admin::organisation organisation;
  wall_time now;
  std::string tracking_id;
  std::string base_url; ///< As in "https://node.example.com", for links.
  touched& changed;     ///< By this request, so far.
};

/// Notes what the caller did or tried: 503 where it cannot be kept.
[[nodiscard]] expected<void, refusal>
note(const context& in, std::string_view what, std::string target,
     api::outcome how);

/// Whether the caller may do it to what a person of the organisation owns, or
/// to what is nobody's.
[[nodiscard]] bool is_allowed(const context& in, action what,
                              std::string_view owner);

/// Lets `look` see the book and the organisation that is asked for.
template <class F>
[[nodiscard]] result look(const context& in, F&& look) {
  return in.with.book->read([&](const admin::book& book) -> result {
    const auto* asked_for = book.find_organisation(in.organisation.id);
    if (asked_for == nullptr)
      return refuse(404, "There is no such organization.");
    return std::forward<F>(look)(book, *asked_for);
  });
}

/// A person or location of the organisation that is asked for; 404 for those
/// of others, too.
[[nodiscard]] expected<const admin::person*, refusal>
find_person(const context& in, const admin::book& book, std::string_view id);
[[nodiscard]] expected<const admin::location*, refusal>
find_location(const context& in, const admin::book& book, std::string_view id);

/// What is to be written, or why not.
using decided = expected<std::vector<admin::change>, refusal>;

/// A deed's changes, or its refusal in the API's words.
[[nodiscard]] decided to_decided(admin::deed what);
[[nodiscard]] refusal refusal_for(const admin::deed_fault& why);

/// Whoever asks as an administrator: a person of the book, or a caller without
/// one, of whom nothing but the name is known.
[[nodiscard]] admin::administrator administrator_of(const context& in,
                                                    const admin::book& book);

/// Decides on the book as it is, and writes it; when somebody was faster,
/// decides again. 409 after five times, 503 without a log.
[[nodiscard]] expected<void, refusal>
change(const context& in,
       const std::function<decided(const admin::book&)>& decide);

} // namespace callfork::api
