#include "control/sip/single_request.hpp"

#include "control/sip/message.hpp"
#include "control/sip/target.hpp"

#include <utility>

namespace callfork::sip {

namespace {

/// Longer than the 32 s in which every transaction ends.
constexpr auto too_long = std::chrono::seconds{70};

class options : public party {
public:
  options(core& whole, std::function<void(const ping_result&)> answered)
    : core_(whole),
      answered_(std::move(answered)),
      silence_(whole.thread()) {
  }

  void begin(const destination& to, duration silent_after) {
    where_ = to;
    silent_after_ = silent_after;
    if (endpoint::parse(to.host, to.port))
      return send();
    silence_.set(silent_after, [this] {
      finish(408, "where its name leads is not answered in time");
    });
    const auto family = core_.speaking(to.over)->local().front().at.family();
    search_ = core_.names().find(to, family, [this](auto found) {
      ways_.assign(found.begin(), found.end());
      return ways_.empty() ? finish(503, "its name is not known") : send();
    });
  }

  void on(const happening& it) override {
    if (it.what == nua_r_options && it.status >= 200)
      failed_or_not(it.status, core_.cause(it, where_));
  }

  void lost(const tls_fault& fault) override {
    const auto verdict = blame_on(fault, where_);
    if (verdict == blame::perhaps)
      doubt_ = fault.why;
    if (verdict == blame::surely)
      failed_or_not(503, fault.why);
  }

  void hurry() override {
    finish(900, "we are stopping");
  }

private:
  /// To the target, or by the first of its ways.
  void send() {
    auto& where = *core_.speaking(where_.over);
    const auto header = "<" + where_.uri + ">";
    const auto from = "<" + where.own_uri(where_.over, where_.sips) + ">";
    handle_.reset(
      nua_handle(where.native(), this, NUTAG_URL(where_.uri.c_str()),
                 SIPTAG_TO_STR(header.c_str()), SIPTAG_FROM_STR(from.c_str()),
                 SIPTAG_CONTACT_STR(from.c_str()), TAG_END()));
    if (!handle_)
      return finish(904, "the target cannot be read");
    if (!ways_.empty())
      go_by(handle_.get(), way_to(where_, ways_.front()));
    nua_options(handle_.get(), SIPTAG_ACCEPT_STR(our_accept), TAG_END());
    silence_.set(silent_after_, [this] {
      failed_or_not(408, doubt_.empty() ? "silent" : doubt_);
    });
  }

  /// A target is there if any of its ways leads to an answer.
  void failed_or_not(unsigned status, std::string reason) {
    if ((status != 408 && status != 503) || ways_.size() < 2)
      return finish(status, std::move(reason));
    ways_.pop_front();
    send();
  }

  void finish(unsigned status, std::string reason) {
    silence_.cancel();
    search_.reset();
    handle_.reset();
    std::exchange(answered_, nullptr)({status, std::move(reason)});
    core_.forget(this);
  }

  core& core_;
  std::function<void(const ping_result&)> answered_;
  call_handle handle_;
  destination where_;
  duration silent_after_{};
  std::shared_ptr<name_lookup::search> search_;
  std::deque<endpoint> ways_; ///< The first is in use.
  std::string doubt_;
  alarm silence_;
};

class cancelled_invite : public party {
public:
  cancelled_invite(core& whole, call_handle what, std::string reason)
    : core_(whole),
      handle_(std::move(what)),
      reason_(one_line(reason)),
      patience_(whole.thread()) {
    nua_handle_bind(handle_.get(), this);
    go_by(handle_.get(), {}); // Not the CANCEL: that follows its INVITE.
    nua_cancel(handle_.get(), TAG_END());
    patience_.set(too_long, [this] {
      core_.forget(this);
    });
  }

  void on(const happening& it) override {
    if (it.what == nua_r_invite && it.status >= 200 && it.status < 300) {
      nua_ack(handle_.get(), TAG_END()); // Not heard twice.
      nua_bye(handle_.get(),
              TAG_IF(!reason_.empty(), SIPTAG_REASON_STR(reason_.c_str())),
              TAG_END());
    } else if (it.what == nua_i_terminated)
      core_.forget(this);
  }

private:
  core& core_;
  call_handle handle_;
  std::string reason_;
  alarm patience_;
};

} // namespace

void send_options(core& whole, const std::string& target, duration silent_after,
                  std::function<void(const ping_result&)> answered) {
  const auto to = read_target(target);
  auto* where = to ? whole.speaking(to->over) : nullptr;
  if (where == nullptr)
    return answered({904, to ? "we do not listen on " + to_string(to->over)
                             : "not a SIP URI that we can use"});
  auto made = std::make_unique<options>(whole, std::move(answered));
  auto& sent = *made;
  whole.keep(std::move(made));
  sent.begin(*to, silent_after);
}

void cancel_invite(core& whole, call_handle unwanted,
                   const std::string& reason) {
  whole.keep(
    std::make_unique<cancelled_invite>(whole, std::move(unwanted), reason));
}

} // namespace callfork::sip
