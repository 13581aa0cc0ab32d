#include "control/admin/decision.hpp"
#include "control/admin/deed_parts.hpp"
#include "control/admin/job_scope.hpp"

#include <algorithm>

namespace callfork::admin {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_delay = 60s;

std::optional<deed_fault> fault_of_compliance(const compliance_settings& what) {
  if (what.delay >= 0s && what.delay <= longest_delay)
    return std::nullopt;
  return deed_fault{fault_kind::invalid, "invalid-delay",
                    "The delay is 0 to 60 seconds."};
}

/// Why the organisation, or a location of it, cannot have this provider.
std::optional<deed_fault>
fault_of_choice(const book& by, const organisation& in, const identifier& id) {
  const auto* which = by.find_provider(id);
  if (which == nullptr)
    return deed_fault{fault_kind::unknown, "unknown-provider",
                      "There is no such provider."};
  if (!may_choose(in, *which))
    return deed_fault{fault_kind::forbidden, "region-not-served",
                      which->name + " does not serve the region " + in.region
                        + "."};
  if (!has_accepted(by, in.id, *which))
    return deed_fault{fault_kind::conflict, "terms-not-accepted",
                      "The terms of " + which->name
                        + " have not been accepted for the organization."};
  return std::nullopt;
}

bool keeps_in(const book& by, const identifier& id, const std::string& region) {
  const auto* which = by.find_provider(id);
  if (which == nullptr || which->storage_regions.empty())
    return true;
  const auto& all = which->storage_regions;
  return std::find(all.begin(), all.end(), region) != all.end();
}

std::optional<deed_fault> fault_of_storage(const book& by,
                                           const identifier& provider,
                                           const std::string& region) {
  if (is_region(region) && keeps_in(by, provider, region))
    return std::nullopt;
  return deed_fault{fault_kind::invalid, "storage-region-not-offered",
                    "The provider keeps no recordings in this region."};
}

/// What forbids any choice just now.
std::optional<deed_fault> fault_of_moment(const book& by,
                                          const organisation& in,
                                          const job_ticket& ticket) {
  if (!in.may_record)
    return deed_fault{fault_kind::forbidden, "not-enabled-by-partner",
                      "The partner has not enabled recording for the "
                      "organization."};
  const auto jobs = by.jobs_of(in.id);
  if (std::any_of(jobs.begin(), jobs.end(), [](const auto* one) {
        return !one->has_ended();
      }))
    return deed_fault{fault_kind::conflict, "job-running",
                      "Another change of provider is not complete yet."};
  if (!is_identifier(ticket.id) || by.find_job(ticket.id) != nullptr)
    return deed_fault{fault_kind::invalid, "invalid-job",
                      "The job needs an identifier of its own."};
  return std::nullopt;
}

job new_job(const organisation& in, const identifier& provider,
            const job_ticket& ticket) {
  job made;
  made.id = ticket.id;
  made.organisation = in.id;
  made.provider = provider;
  made.asked_by = ticket.asked_by;
  made.tracking_id = ticket.tracking_id;
  made.created = ticket.now;
  made.updated = ticket.now;
  return made;
}

/// Work without anything to do is over at once.
void count(const book& by, job& of, const organisation& in,
           const location* at) {
  of.total = static_cast<std::uint32_t>(job_scope(by, of, in, at).size());
  if (of.total > 0)
    return;
  of.where = job::state::completed;
  of.started = of.created;
  of.ended = of.created;
}

std::optional<deed_fault> take_provider(const book& by, organisation& in,
                                        const provider_wish& wish) {
  if (!wish.provider || *wish.provider == in.provider)
    return std::nullopt;
  if (wish.provider->empty() && !wish.confirmed)
    return deed_fault{fault_kind::conflict, "confirmation-needed",
                      "Without a provider nobody is recorded: confirm that "
                      "this removes recording from all users."};
  if (!wish.provider->empty())
    if (auto wrong = fault_of_choice(by, in, *wish.provider))
      return wrong;
  in.provider = *wish.provider;
  // A region of the former provider means nothing to this one.
  if (!keeps_in(by, in.provider, in.storage_region))
    in.storage_region.clear();
  return std::nullopt;
}

std::optional<deed_fault> take_wish(const book& by, organisation& in,
                                    const provider_wish& wish) {
  if (auto wrong = take_provider(by, in, wish))
    return wrong;
  if (wish.storage_region) {
    if (auto wrong = fault_of_storage(by, in.provider, *wish.storage_region))
      return wrong;
    in.storage_region = *wish.storage_region;
  }
  if (wish.on_failure)
    in.on_failure = *wish.on_failure;
  return std::nullopt;
}

std::optional<deed_fault> take_provider(const book& by, const organisation& in,
                                        location& at,
                                        const location_wish& wish) {
  if (!wish.provider || *wish.provider == at.provider)
    return std::nullopt;
  if (const auto* other = std::get_if<identifier>(&*wish.provider)) {
    if (in.provider.empty())
      return deed_fault{fault_kind::conflict, "no-provider",
                        "Recording is switched off for the organization."};
    if (auto wrong = fault_of_choice(by, in, *other))
      return wrong;
  }
  at.provider = *wish.provider;
  if (at.storage_region
      && !keeps_in(by, provider_of(in, &at), *at.storage_region))
    at.storage_region = std::nullopt;
  return std::nullopt;
}

std::optional<deed_fault> take_wish(const book& by, const organisation& in,
                                    location& at, const location_wish& wish) {
  if (auto wrong = take_provider(by, in, at, wish))
    return wrong;
  if (wish.storage_region) {
    if (*wish.storage_region)
      if (auto wrong = fault_of_storage(by, provider_of(in, &at),
                                        **wish.storage_region))
        return wrong;
    at.storage_region = *wish.storage_region;
  }
  if (wish.on_failure)
    at.on_failure = *wish.on_failure;
  return std::nullopt;
}

} // namespace

expected<chosen, deed_fault>
choose_provider(const book& by, std::string_view organisation,
                const provider_wish& wish, const job_ticket& ticket) {
  const auto* was = by.find_organisation(organisation);
  if (was == nullptr)
    return no_such("organization");
  if (auto wrong = fault_of_moment(by, *was, ticket))
    return make_unexpected(std::move(*wrong));
  auto now = *was;
  if (auto wrong = take_wish(by, now, wish))
    return make_unexpected(std::move(*wrong));
  auto work = new_job(now, now.provider, ticket);
  count(by, work, now, nullptr);
  chosen made{{}, work.id};
  made.changes.push_back(change_to(by, std::move(work)));
  for (auto& one : changes_to(by, was, std::move(now)))
    made.changes.push_back(std::move(one));
  return made;
}

expected<chosen, deed_fault>
choose_location_provider(const book& by, std::string_view location,
                         const location_wish& wish, const job_ticket& ticket) {
  const auto* was = by.find_location(location);
  if (was == nullptr)
    return no_such("location");
  const auto* in = by.find_organisation(was->organisation);
  if (in == nullptr)
    return no_such("organization");
  if (auto wrong = fault_of_moment(by, *in, ticket))
    return make_unexpected(std::move(*wrong));
  auto now = *was;
  if (auto wrong = take_wish(by, *in, now, wish))
    return make_unexpected(std::move(*wrong));
  chosen made;
  const auto target = provider_of(*in, &now);
  if (!target.empty() && target != provider_of(*in, was)) {
    auto work = new_job(*in, target, ticket);
    work.location = now.id;
    count(by, work, *in, &now);
    made.job = work.id;
    made.changes.push_back(change_to(by, std::move(work)));
  }
  for (auto& one : changes_to(by, was, std::move(now)))
    made.changes.push_back(std::move(one));
  return made;
}

deed let_record(const book& by, std::string_view organisation, bool allowed) {
  const auto* was = by.find_organisation(organisation);
  if (was == nullptr)
    return no_such("organization");
  auto now = *was;
  now.may_record = allowed;
  return changes_to(by, was, std::move(now));
}

deed set_compliance(const book& by, std::string_view organisation,
                    const compliance_settings& what) {
  const auto* was = by.find_organisation(organisation);
  if (was == nullptr)
    return no_such("organization");
  if (auto wrong = fault_of_compliance(what))
    return make_unexpected(std::move(*wrong));
  auto now = *was;
  now.compliance = what;
  return changes_to(by, was, std::move(now));
}

deed set_location_compliance(const book& by, std::string_view location,
                             const std::optional<compliance_settings>& what) {
  const auto* was = by.find_location(location);
  if (was == nullptr)
    return no_such("location");
  if (what)
    if (auto wrong = fault_of_compliance(*what))
      return make_unexpected(std::move(*wrong));
  auto now = *was;
  now.compliance = what;
  return changes_to(by, was, std::move(now));
}

} // namespace callfork::admin
