#include "app/audit/audit_forwarder.hpp"

#include "bus/file_log.hpp"
#include "media/base/clock.hpp"

#include <utility>

namespace callfork {

namespace {

constexpr std::chrono::milliseconds look_every{200};
constexpr std::chrono::milliseconds news_within{20};

} // namespace

expected<std::unique_ptr<audit_forwarder>, std::string>
audit_forwarder::start(const std::filesystem::path& folder,
                       std::unique_ptr<bus::log_writer> to,
                       std::function<void(const std::string&)> on_notice) {
  auto cursor = bus::cursor_file::open(folder / "forwarded");
  if (!cursor)
    return make_unexpected("audit: " + cursor.error().text);
  std::unique_ptr<audit_forwarder> made{new audit_forwarder{
    folder, std::move(*cursor), std::move(to), std::move(on_notice)}};
  made->thread_ = std::thread{[self = made.get()] {
    self->run();
  }};
  return made;
}

audit_forwarder::audit_forwarder(
  std::filesystem::path folder, bus::cursor_file cursor,
  std::unique_ptr<bus::log_writer> to,
  std::function<void(const std::string&)> on_notice)
  : folder_(std::move(folder)),
    cursor_(std::move(cursor)),
    to_(std::move(to)),
    on_notice_(std::move(on_notice)),
    arrived_(cursor_.value().value_or(0)) {
}

audit_forwarder::~audit_forwarder() {
  stopping_ = true;
  thread_.join();
}

/// Each round begins where the other log had got to.
void audit_forwarder::run() {
  while (!stopping_) {
    bus::file_log_reader from{folder_, arrived_};
    next_.reset();
    early_.clear();
    bool going = true;
    while (going && !stopping_) {
      offer(from);
      going = settle();
    }
  }
}

void audit_forwarder::offer(bus::log_reader& from) {
  if (!next_) {
    auto read = from.next(look_every);
    if (!read)
      return tell(read.error().text);
    next_ = std::move(*read);
  }
  if (!next_)
    return;
  const auto tag = static_cast<std::uint64_t>(next_->offset);
  if (to_->append(next_->record, tag, clock::now()))
    next_.reset();
}

/// Hears what has arrived. False if the other log has lost what it took.
bool audit_forwarder::settle() {
  const auto news = to_->poll(clock::now(), news_within);
  for (const auto tag : news.durable)
    arrive(tag);
  for (const auto& [tag, why] : news.rejected) {
    tell("record " + std::to_string(tag + 1) + " is refused: " + why.text);
    arrive(tag);
  }
  tell(to_->trouble());
  return !news.start_over;
}

void audit_forwarder::arrive(std::uint64_t tag) {
  if (tag < arrived_)
    return;
  early_.insert(tag);
  while (early_.erase(arrived_) > 0)
    ++arrived_;
  if (const auto kept = cursor_.store(arrived_); !kept)
    tell(kept.error().text);
}

void audit_forwarder::tell(const std::string& trouble) {
  if (std::exchange(told_, trouble) != trouble && !trouble.empty()
      && on_notice_)
    on_notice_("audit: " + trouble);
}

} // namespace callfork
