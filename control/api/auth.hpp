#pragma once

#include "control/api/auth_local.hpp"
#include "control/api/auth_token.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace callfork::api {

/// Whom an API believes. Without tokens and without keys: nobody.
struct auth_settings {
  token_rules rules;
  std::string key_set;     ///< A file, or a URL of http or https; may be empty.
  std::string authorities; ///< For https: a PEM file; empty: the system's.
  std::string keys;        ///< The file of `local_keys`; may be empty.
  /// How often a URL is asked again; also when a token names a key that is not
  /// known, at most every 30 s.
  duration refresh = std::chrono::minutes{10};
  duration look_every = std::chrono::seconds{1}; ///< For files that changed.
  /// One line for people: what could not be read, what is in use again. On the
  /// thread of the authenticator. May be empty.
  std::function<void(const std::string&)> on_notice{};
};

/// Tells who asks. Files are read again when they change, by a thread of its
/// own, which also fetches keys: nobody who asks waits for it, and what cannot
/// be read or fetched leaves the keys as they were.
class authenticator {
public:
  /// Reads the files; a fault of theirs is the error, one line for people. A
  /// URL is fetched later.
  [[nodiscard]] static expected<std::unique_ptr<authenticator>, std::string>
  start(const auth_settings& settings);

  authenticator(const authenticator&) = delete;
  authenticator& operator=(const authenticator&) = delete;
  ~authenticator();

  /// Who has this bearer token or key. The error is a sentence without anything
  /// of it. Any thread; never blocks for long.
  [[nodiscard]] expected<caller, std::string> identify(std::string_view token,
                                                       wall_time now) const;

private:
  /// A file or URL, and what is known of it.
  struct source {
    std::string place;
    std::string mark;   ///< Of a file that was read; changes with it.
    std::string seen;   ///< Its mark at the last look.
    time_point asked{}; ///< A URL, for the last time and the next.
    time_point next{};
    bool failed = false;
  };

  explicit authenticator(auth_settings settings);
  void run();
  void look(time_point now);
  [[nodiscard]] expected<void, std::string> load_keys();
  [[nodiscard]] expected<void, std::string> load_key_set();
  void look_at(source& one, time_point now,
               expected<void, std::string> (authenticator::*load)());

  auth_settings settings_;
  source keys_source_;
  source set_source_;
  mutable std::mutex mutex_; ///< Guards what follows.
  std::shared_ptr<const local_keys> keys_;
  std::shared_ptr<const std::vector<public_key>> set_;
  mutable bool wanted_ = false; ///< A token named a key that is not known.
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

} // namespace callfork::api
