#include "control/api/context.hpp"

namespace callfork::api {

namespace {

constexpr int most_tries = 5;

unsigned status_of(admin::fault_kind what) {
  switch (what) {
  case admin::fault_kind::unknown:
    return 404;
  case admin::fault_kind::invalid:
    return 400;
  case admin::fault_kind::forbidden:
    return 403;
  case admin::fault_kind::conflict:
    return 409;
  }
  return 500;
}

} // namespace

expected<void, refusal> note(const context& in, std::string_view what,
                             std::string target, api::outcome how) {
  if (in.with.log == nullptr)
    return {};
  auto made = deed_of(in.who, std::string{what}, std::move(target), in.now);
  made.organisation = in.organisation.id;
  made.outcome = how;
  made.tracking_id = in.tracking_id;
  made.before = in.changed.before;
  made.after = in.changed.after;
  if (!in.with.log->note(made))
    return refuse(503, "The audit log cannot be written.");
  return {};
}

bool is_allowed(const context& in, action what, std::string_view owner) {
  return may(in.who, what, in.organisation, owner) == verdict::allowed;
}

expected<const admin::person*, refusal>
find_person(const context& in, const admin::book& book, std::string_view id) {
  const auto* found = book.find_person(id);
  if (found == nullptr || found->organisation != in.organisation.id)
    return refuse(404, "There is no such person.");
  return found;
}

expected<const admin::location*, refusal>
find_location(const context& in, const admin::book& book, std::string_view id) {
  const auto* found = book.find_location(id);
  if (found == nullptr || found->organisation != in.organisation.id)
    return refuse(404, "There is no such location.");
  return found;
}

refusal refusal_for(const admin::deed_fault& why) {
  return {status_of(why.what), why.sentence, {}};
}

decided to_decided(admin::deed what) {
  return std::move(what).map_error([](const auto& why) {
    return refusal_for(why);
  });
}

admin::administrator administrator_of(const context& in,
                                      const admin::book& book) {
  return admin::administrator_of(book, in.who.id)
    .value_or(admin::administrator{in.who.id, {}, {}, in.who.email, {}});
}

expected<void, refusal>
change(const context& in,
       const std::function<decided(const admin::book&)>& decide) {
  for (int tried = 0; tried < most_tries; ++tried) {
    touched changed;
    auto wished = in.with.book->read([&](const admin::book& book) {
      auto made = decide(book);
      if (made && in.with.log != nullptr)
        changed = touched_by(*made, book);
      return made;
    });
    if (!wished)
      return make_unexpected(wished.error());
    if (wished->empty())
      return {};
    const auto written = in.with.book->write(*std::move(wished));
    if (written) {
      in.changed.add(changed);
      return {};
    }
    if (written.error() == admin::write_fault::unavailable)
      return refuse(503, "The log of the configuration cannot be reached.");
  }
  return refuse(409, "Others change the same thing at the same time.");
}

} // namespace callfork::api
