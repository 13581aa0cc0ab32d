#pragma once

#include "actors/node_settings.hpp"
#include "actors/node_status.hpp"
#include "control/ng/request.hpp"
#include "control/ng/value.hpp"
#include "tests/component/actors/faults.hpp"
#include "tests/component/actors/kept_records.hpp"
#include "tests/support/eventually.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::api {
class call_desk;
} // namespace callfork::api

namespace callfork::test {

class hand;
class scripted_recorder;

/// A folder that goes with its owner.
class scratch_folder {
public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();
  [[nodiscard]] std::string path() const;

private:
  std::string path_;
};

/// A whole node within the test, with a log in memory and, if wanted, sinks
/// that fail on purpose. Its threads are real and its delays short: for what
/// has to do with threads. All else is for a `virtual_node`.
class test_node {
public:
  struct options {
    std::size_t shards = 1;
    bool vault = false;
    bool with_log = true;
    std::vector<std::shared_ptr<faults>> sinks{};
    std::function<void(actors::node_settings&)> change{};
    /// Recorders that every recording is sent to; in virtual time alone.
    std::vector<scripted_recorder*> recorders{};
  };

  explicit test_node(const options& wanted);
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;
  ~test_node();

  [[nodiscard]] ng::dictionary ask(const ng::request& what);
  void crash_call(const std::string& call_id);
  /// The request's call dies before it has carried it out whole.
  void crash_call_amid(const ng::request& what);
  /// The sinks of that kind die of a bug; the vault is kind 0 if there is one.
  void crash_sinks(const std::string& call_id, std::uint32_t kind);
  void crash_publisher();
  void crash_front_door();
  /// The door of recording clients dies of a bug.
  void crash_siprec_door();
  /// The region dies of a bug.
  void crash_region();
  /// The call supervisor dies of a bug.
  void crash_supervisor();
  void drain();
  [[nodiscard]] bool stop(duration within);
  [[nodiscard]] actors::node_status status() const;
  /// The calls that people see and steer; may outlive the node.
  [[nodiscard]] std::shared_ptr<api::call_desk> desk() const;
  [[nodiscard]] endpoint ng_udp() const;
  [[nodiscard]] endpoint ng_tcp() const;
  [[nodiscard]] endpoint siprec_udp() const;
  [[nodiscard]] const kept_records& records() const;
  [[nodiscard]] std::string vault() const;

  /// Lets a node in virtual time do what there is to do now; threads do so by
  /// themselves.
  void settle();

  /// The same until something is true, some seconds of real time at most.
  [[nodiscard]] bool settle_until(const std::function<bool()>& condition);

  /// Lets virtual time pass; does nothing when time is real.
  void pass(duration by);

protected:
  test_node(const options& wanted, std::unique_ptr<hand> mover);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace callfork::test
