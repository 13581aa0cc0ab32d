#pragma once

#include "control/catalogue/catalogue.hpp"
#include "control/catalogue/index.hpp"
#include "media/vault/key_ring.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace callfork::catalogue {

/// What retention asks about the owner of recordings.
struct owner_terms {
  admin::plan plan = admin::plan::free;
  std::optional<wall_time> freed_at; ///< When it last came from paid to free.
};

/// Nothing for an owner who is not known. Any thread, in microseconds.
using terms_of
  = std::function<std::optional<owner_terms>(const admin::identifier& owner)>;

/// What the catalogue stands on.
struct vault_place {
  std::string root; ///< The vault's folder.
  /// Null: encrypted recordings are listed but cannot be opened.
  std::shared_ptr<const vault::key_ring> keys;
  terms_of terms; ///< May be empty: then plans are not known.
  /// How often the folder is looked at while somebody asks.
  std::chrono::milliseconds look_every{1000};
};

/// The catalogue of a vault's folder. What the vault writes beside each
/// recording, and <id>.state beside it, are the truth; <root>/catalogue.sqlite
/// is an index of them that can be lost. New recordings are found within a
/// second. A deed is on the disk before it is in the index, and a purge before
/// it is done: a death between is made good at the next start.
class vault_catalogue final : public catalogue {
public:
  /// Opens the index and makes it agree with the folder: takes seconds for
  /// 100 000 recordings if it is lost, else no time. An error: the folder takes
  /// no file.
  [[nodiscard]] static expected<std::unique_ptr<vault_catalogue>, std::string>
  open(vault_place where);

  [[nodiscard]] std::vector<recording> find(const wish& what) const override;
  [[nodiscard]] std::optional<recording>
  get(const std::string& id) const override;

  [[nodiscard]] expected<void, fault> soft_delete(const std::string& id,
                                                  wall_time now) override;
  [[nodiscard]] expected<void, fault> restore(const std::string& id) override;
  [[nodiscard]] expected<void, fault> purge(const std::string& id,
                                            wall_time now) override;
  [[nodiscard]] expected<void, fault>
  reassign(const std::string& id, const admin::identifier& owner) override;
  [[nodiscard]] expected<void, fault> hold(const std::string& id,
                                           bool held) override;

  [[nodiscard]] expected<std::string, fault>
  audio(const std::string& id, audio_format as) const override;

  /// As `purge`, if `still` says so of the recording as it is then.
  [[nodiscard]] expected<void, fault>
  purge_if(const std::string& id, wall_time now,
           const std::function<bool(const recording&)>& still);

  /// Candidates of retention: see index::older_than.
  [[nodiscard]] std::vector<recording> older_than(wall_time until) const;

  [[nodiscard]] std::optional<owner_terms>
  terms(const admin::identifier& owner) const {
    return where_.terms ? where_.terms(owner) : std::nullopt;
  }

private:
  vault_catalogue(vault_place where, index found)
    : where_{std::move(where)},
      index_{std::move(found)} {
  }

  using deed = std::function<expected<void, fault>(kept_state&)>;
  [[nodiscard]] expected<void, fault> change(const std::string& id,
                                             const deed& how);
  [[nodiscard]] std::optional<entry> look_up(const std::string& id) const;
  [[nodiscard]] expected<kept_state, fault> state_of(const entry& which) const;
  [[nodiscard]] expected<void, fault> keep(const entry& which,
                                           const kept_state& state);
  [[nodiscard]] std::string path_of(const entry& which,
                                    const char* ending) const;
  void complete(recording& what) const;
  void refresh(bool thorough) const;
  void look(bool thorough) const;
  void agree(const std::string& folder, bool thorough) const;
  void read(const std::string& folder, const std::string& id,
            std::int64_t stamp) const;

  vault_place where_;
  mutable std::mutex mutex_; ///< Of all below.
  mutable index index_;
  mutable time_point refreshed_{};
};

} // namespace callfork::catalogue
