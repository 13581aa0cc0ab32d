#pragma once

#include "control/catalogue/catalogue.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace callfork::test {

/// A catalogue in memory, whose audio is the name of its format.
class pretended_vault final : public catalogue::catalogue {
public:
  using recording = callfork::catalogue::recording;
  using fault = callfork::catalogue::fault;
  using status = callfork::catalogue::status;

  void add(recording one) {
    const std::scoped_lock lock{mutex_};
    all_[one.id] = std::move(one);
  }

  [[nodiscard]] std::vector<recording>
  find(const callfork::catalogue::wish& what) const override {
    const std::scoped_lock lock{mutex_};
    std::vector<recording> made;
    for (const auto& [id, one] : all_)
      if (fits(one, what))
        made.push_back(one);
    std::stable_sort(made.begin(), made.end(),
                     [](const auto& a, const auto& b) {
                       return a.created > b.created;
                     });
    const auto skipped = std::min(what.skip, made.size());
    made.erase(made.begin(), made.begin() + static_cast<long>(skipped));
    made.resize(std::min(what.limit, made.size()));
    return made;
  }

  [[nodiscard]] std::optional<recording>
  get(const std::string& id) const override {
    const std::scoped_lock lock{mutex_};
    const auto found = all_.find(id);
    return found == all_.end() ? std::nullopt : std::optional{found->second};
  }

  [[nodiscard]] expected<void, fault> soft_delete(const std::string& id,
                                                  wall_time now) override {
    return change(id, status::available, [&](recording& one) {
      one.status = status::deleted;
      one.deleted_at = now;
    });
  }

  [[nodiscard]] expected<void, fault> restore(const std::string& id) override {
    return change(id, status::deleted, [](recording& one) {
      one.status = status::available;
      one.deleted_at.reset();
    });
  }

  [[nodiscard]] expected<void, fault> purge(const std::string& id,
                                            wall_time) override {
    return change(id, status::deleted, [](recording& one) {
      one.status = status::purged;
    });
  }

  [[nodiscard]] expected<void, fault>
  reassign(const std::string& id, const admin::identifier& owner) override {
    return change(id, {}, [&](recording& one) {
      one.owner = owner;
    });
  }

  [[nodiscard]] expected<void, fault> hold(const std::string& id,
                                           bool held) override {
    const std::scoped_lock lock{mutex_};
    const auto found = all_.find(id);
    if (found == all_.end())
      return make_unexpected(fault::unknown);
    found->second.held = held;
    return {};
  }

  [[nodiscard]] expected<std::string, fault>
  audio(const std::string& id,
        callfork::catalogue::audio_format as) const override {
    using format = callfork::catalogue::audio_format;
    if (!get(id))
      return make_unexpected(fault::unknown);
    return as == format::wav ? "wav" : as == format::mp3 ? "mp3" : "opus";
  }

private:
  static bool fits(const recording& one,
                   const callfork::catalogue::wish& what) {
    const auto same = [](const auto& wished, const auto& is) {
      return wished.empty() || wished == is;
    };
    return same(what.organisation, one.organisation)
           && same(what.owner, one.owner) && same(what.location, one.location)
           && one.topic.find(what.topic) != std::string::npos
           && (!what.from || one.created >= *what.from)
           && (!what.to || one.created <= *what.to)
           && (!what.status || one.status == *what.status);
  }

  template <class F>
  expected<void, fault>
  change(const std::string& id, std::optional<status> needed, F&& deed) {
    const std::scoped_lock lock{mutex_};
    const auto found = all_.find(id);
    if (found == all_.end())
      return make_unexpected(fault::unknown);
    if (found->second.held)
      return make_unexpected(fault::held);
    if (needed && found->second.status != *needed)
      return make_unexpected(fault::wrong_status);
    deed(found->second);
    return {};
  }

  mutable std::mutex mutex_;
  std::map<std::string, recording> all_;
};

} // namespace callfork::test
