#pragma once

#include "media/base/endpoint.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace callfork::ctl {

/// Exit statuses of the command line.
inline constexpr int succeeded = 0;
inline constexpr int failed = 1;
inline constexpr int bad_usage = 2;

/// How a command talks to whoever called it.
struct manner {
  bool json = false;   ///< For programs.
  bool colors = false; ///< Standard output is a terminal without NO_COLOR.
};

/// Which node to ask, by HTTP.
struct node_choice {
  endpoint http = *endpoint::parse("127.0.0.1", 8080);
};

/// Each command prints to standard output, faults as one line to standard
/// error, and returns the exit status.
[[nodiscard]] int show_calls(const node_choice& node, const manner& how);

[[nodiscard]] int show_recordings(const node_choice& node, unsigned limit,
                                  const manner& how);

/// Plays a recording on the machine's loudspeakers, or says where it is. With
/// `output`, copies it there instead. `id` may be its unique beginning.
[[nodiscard]] int play(const node_choice& node, const std::string& id,
                       const std::filesystem::path& output);

/// Tells how two recordings of one call differ, channel by channel. `failed`
/// when the second one lacks a sample of the first one. Encrypted ones need the
/// file of their key.
[[nodiscard]] int
compare_recordings(const std::string& first, const std::string& second,
                   const std::string& key_file, const manner& how);

/// Writes a file of the vault, decrypted, as what `output` ends in: .wav, .mp3,
/// .opus. `key_file` may be empty for what is not encrypted.
[[nodiscard]] int export_recording(const std::string& file,
                                   const std::filesystem::path& output,
                                   const std::string& key_file);

/// Where events are read from.
struct event_source {
  std::filesystem::path folder;         ///< Of the log in files.
  std::string brokers;                  ///< Kafka instead of files, when given.
  std::string topic;                    ///< Found in the folder when empty.
  std::filesystem::path kafka_settings; ///< Lines `name=value`, if any.
  bool follow = false;                  ///< Wait for more until interrupted.
  std::string call; ///< Only calls and recordings whose ids begin so.
};

/// Without folder and brokers, the node says where its events are.
[[nodiscard]] int show_events(const event_source& wanted,
                              const node_choice& node, const manner& how);

/// Which audit log, on this machine.
struct audit_choice {
  std::filesystem::path folder = "audit";
  std::filesystem::path key; ///< The file with its key.
};

/// Tells whether an audit log is as it was written: whether records are
/// missing, moved, changed or cut off. `failed` when it is not.
[[nodiscard]] int verify_audit_log(const audit_choice& which,
                                   const manner& how);

struct demo_wish {
  endpoint ng = *endpoint::parse("127.0.0.1", 2223);
  std::int64_t seconds = 10;
  bool plain = false; ///< RTP instead of SRTP.
};

/// Plays a call of two phones with recorded speech through a node.
[[nodiscard]] int play_demo(const demo_wish& wish, const manner& how);

} // namespace callfork::ctl
