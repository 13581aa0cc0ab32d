#include "media/audio/player.hpp"

#include <algorithm>
#include <limits>

namespace callfork::audio {

namespace {

constexpr std::chrono::milliseconds most_behind{100};
constexpr std::uint32_t packets_per_second
  = std::chrono::milliseconds{std::chrono::seconds{1}} / packet_time;

std::size_t samples_of(std::chrono::milliseconds span,
                       std::uint32_t rate) noexcept {
  const auto length = std::max<std::int64_t>(span.count(), 0);
  return static_cast<std::size_t>(length) * rate / 1000;
}

std::uint64_t packets_of(std::chrono::milliseconds span) noexcept {
  if (span.count() <= 0)
    return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>((span + packet_time).count() - 1)
         / static_cast<std::uint64_t>(packet_time.count());
}

} // namespace

player::player(prompt_ptr what, encoder_ptr encode,
               const payload_format& format, const play_settings& settings,
               time_point start, std::uint32_t first_timestamp) noexcept
  : prompt_{std::move(what)},
    encoder_{std::move(encode)},
    pcm_{prompt_->pcm(encoder_->rate())},
    frame_{encoder_->rate() / packets_per_second},
    at_{std::min(pcm_.size(),
                 samples_of(settings.start_position, encoder_->rate()))},
    rounds_{settings.repeat_times},
    packets_{packets_of(settings.repeat_duration)},
    timestamp_{first_timestamp},
    timestamp_step_{format.clock / packets_per_second},
    payload_type_{format.type},
    due_{start} {
  if (at_ == pcm_.size())
    packets_ = 0;
}

expected<player, std::string>
player::make(prompt_ptr what, const payload_format& format,
             const play_settings& settings, time_point start,
             std::uint32_t first_timestamp) {
  if (!what)
    return unexpected{std::string{"no prompt"}};
  auto encode = make_encoder(format);
  if (!encode)
    return unexpected{encode.error()};
  return player{std::move(what), std::move(*encode), format, settings,
                start,           first_timestamp};
}

bool player::finished() const noexcept {
  return packets_ == 0;
}

std::optional<time_point> player::due() const noexcept {
  if (finished())
    return std::nullopt;
  return due_;
}

std::optional<played_packet> player::next(time_point now) noexcept {
  if (now - due_ > most_behind)
    skip_overdue(now);
  if (finished() || now < due_)
    return std::nullopt;
  auto frame = pcm_.subspan(at_, std::min(frame_, pcm_.size() - at_));
  if (frame.size() < frame_) {
    last_frame_.fill(0);
    std::ranges::copy(frame, last_frame_.begin());
    frame = std::span{last_frame_}.first(frame_);
  }
  const auto size = encoder_->encode(frame, payload_);
  const played_packet made{bytes_view{payload_}.first(size), timestamp_,
                           payload_type_, first_};
  first_ = false;
  step();
  return made;
}

void player::skip_overdue(time_point now) noexcept {
  while (!finished() && now - due_ >= packet_time)
    step();
}

void player::step() noexcept {
  --packets_;
  due_ += packet_time;
  timestamp_ += timestamp_step_;
  at_ += frame_;
  if (at_ < pcm_.size())
    return;
  if (rounds_ == 1) {
    at_ = pcm_.size();
    packets_ = 0;
    return;
  }
  at_ = 0;
  if (rounds_ > 1)
    --rounds_;
}

std::chrono::milliseconds player::position() const noexcept {
  return std::chrono::milliseconds{at_ * 1000 / encoder_->rate()};
}

std::chrono::milliseconds player::duration() const noexcept {
  return prompt_->duration();
}

} // namespace callfork::audio
