#include "tests/component/actors/kept_records.hpp"

#include "media/net/udp_socket.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>

namespace callfork::test {

namespace {

class memory_log final : public bus::log_writer {
public:
  explicit memory_log(std::shared_ptr<kept_records> to)
    : to_(std::move(to)) {
  }

  expected<void, bus::log_error>
  append(const bus::record& what, std::uint64_t tag, time_point) override {
    const std::lock_guard guard{to_->mutex};
    to_->all.push_back(what);
    tags_.push_back(tag);
    return {};
  }

  bus::log_progress poll(time_point, std::chrono::milliseconds) override {
    return {std::exchange(tags_, {}), {}, false};
  }

  [[nodiscard]] bool reachable() const noexcept override {
    return true;
  }

  [[nodiscard]] std::string trouble() const override {
    return {};
  }

private:
  std::shared_ptr<kept_records> to_;
  std::vector<std::uint64_t> tags_;
};

} // namespace

std::unique_ptr<bus::log_writer>
log_into(std::shared_ptr<kept_records> records) {
  return std::make_unique<memory_log>(std::move(records));
}

std::vector<bus::record> kept_records::copy() const {
  const std::lock_guard guard{mutex};
  return all;
}

std::vector<bus::record> kept_records::of(const std::string& noun_verb) const {
  std::vector<bus::record> found;
  for (auto& one : copy())
    if (bus::header_of(one, "ce_type") == "io.callfork." + noun_verb + ".v1")
      found.push_back(std::move(one));
  return found;
}

void kept_records::write_out() const {
  const auto* path = std::getenv("CALLFORK_TEST_EVENTS");
  if (!path)
    return;
  auto folder = std::string{path} + "/events-XXXXXX";
  const net::file_descriptor made{::mkstemp(folder.data())};
  std::ofstream out{folder};
  for (const auto& one : copy()) {
    nlohmann::json line{{"key", one.key}, {"value", one.value}};
    for (const auto& [name, text] : one.headers)
      line["headers"][name] = text;
    out << line.dump() << '\n';
  }
}

std::size_t kept_records::count(const std::string& noun_verb) const {
  return of(noun_verb).size();
}

bool kept_records::without_gaps() const {
  std::map<std::string, std::uint64_t> last;
  for (const auto& one : copy()) {
    const auto subject = bus::header_of(one, "ce_subject").value_or("");
    const auto sequence
      = std::stoull(bus::header_of(one, "ce_sequence").value_or("0"));
    if (sequence != ++last[subject])
      return false;
  }
  return true;
}

} // namespace callfork::test
