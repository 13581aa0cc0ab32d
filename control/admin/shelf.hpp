#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace callfork::admin {

/// Lets texts be looked up without a copy of them.
struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

template <class T>
using by_text = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;

/// All entities of a kind by identifier, with the versions of what was
/// removed. A pointer to one stays good until that one is put again.
template <class T>
class shelf {
public:
  [[nodiscard]] const T* find(std::string_view id) const {
    const auto found = slots_.find(id);
    return found != slots_.end() && found->second.what ? &*found->second.what
                                                       : nullptr;
  }

  [[nodiscard]] std::uint64_t version_of(std::string_view id) const {
    const auto found = slots_.find(id);
    return found != slots_.end() ? found->second.version : 0;
  }

  /// Replaces one and returns it as it is now; null if nothing is now.
  const T* put(std::string_view id, std::uint64_t version,
               std::optional<T> what) {
    auto& into = slots_.try_emplace(std::string{id}).first->second;
    into.version = version;
    into.what = std::move(what);
    return into.what ? &*into.what : nullptr;
  }

  /// By identifier.
  [[nodiscard]] std::vector<const T*> all() const {
    std::vector<const T*> result;
    result.reserve(slots_.size());
    for (const auto& [id, held] : slots_)
      if (held.what)
        result.push_back(&*held.what);
    std::sort(result.begin(), result.end(), [](const T* left, const T* right) {
      return left->id < right->id;
    });
    return result;
  }

private:
  struct slot {
    std::uint64_t version = 0;
    std::optional<T> what;
  };
  by_text<slot> slots_;
};

/// Entities of organisations that share a word, as an e-mail. What it says
/// depends on the entities that are in it alone, not on the order in which
/// they came.
template <class T, auto Name>
class register_of {
public:
  void add(std::string_view word, const T& what) {
    if (!word.empty())
      words_.try_emplace(std::string{word}).first->second.insert(&what);
  }

  void remove(std::string_view word, const T& what) {
    const auto found = words_.find(word);
    if (found == words_.end())
      return;
    found->second.erase(&what);
    if (found->second.empty())
      words_.erase(found);
  }

  /// By organisation, then by identifier.
  [[nodiscard]] std::vector<const T*> all(std::string_view word) const {
    const auto found = words_.find(word);
    if (found == words_.end())
      return {};
    return {found->second.begin(), found->second.end()};
  }

  /// The first one; null if there is none.
  [[nodiscard]] const T* first(std::string_view word) const {
    const auto found = words_.find(word);
    return found == words_.end() ? nullptr : *found->second.begin();
  }

  /// The first one of this organisation; null if it has none.
  [[nodiscard]] const T* first_in(std::string_view organisation,
                                  std::string_view word) const {
    const auto found = words_.find(word);
    if (found == words_.end())
      return nullptr;
    const auto next = found->second.lower_bound(organisation);
    return next != found->second.end() && (*next)->organisation == organisation
             ? *next
             : nullptr;
  }

  /// The first one, if all are of one organisation; else null.
  [[nodiscard]] const T* only_first(std::string_view word) const {
    const auto found = words_.find(word);
    if (found == words_.end())
      return nullptr;
    const auto* one = *found->second.begin();
    return one->organisation == (*found->second.rbegin())->organisation
             ? one
             : nullptr;
  }

private:
  struct by_place {
    using is_transparent = void;
    bool operator()(const T* left, const T* right) const {
      return std::tie(left->organisation, left->*Name)
             < std::tie(right->organisation, right->*Name);
    }
    bool operator()(const T* left, std::string_view organisation) const {
      return left->organisation < organisation;
    }
    bool operator()(std::string_view organisation, const T* right) const {
      return organisation < right->organisation;
    }
  };
  by_text<std::set<const T*, by_place>> words_;
};

} // namespace callfork::admin
