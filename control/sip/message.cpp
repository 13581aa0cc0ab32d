#include "control/sip/message.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace callfork::sip {

namespace {

bool same(std::string_view left, std::string_view right) {
  return left.size() == right.size()
         && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace

std::string text_of(const url_t* uri) {
  if (uri == nullptr)
    return {};
  std::array<char, 1024> buffer{};
  const auto size = url_e(buffer.data(), buffer.size(), uri);
  if (size <= 0 || static_cast<std::size_t>(size) >= buffer.size())
    return {};
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::string text_of(const char* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

std::string one_line(std::string_view text) {
  std::string made{text};
  std::erase_if(made, [](unsigned char one) {
    return one < 0x20 || one == 0x7f;
  });
  return made;
}

std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char one : one_line(text)) {
    if (one == '"' || one == '\\')
      made += '\\';
    made += one;
  }
  return made + '"';
}

siprec::written_body body_of(const sip_t* message) {
  if (message == nullptr || message->sip_payload == nullptr
      || message->sip_payload->pl_data == nullptr)
    return {};
  siprec::written_body made;
  const auto* payload = message->sip_payload;
  made.content.assign(payload->pl_data, payload->pl_len);
  if (const auto* type = message->sip_content_type; type != nullptr) {
    made.content_type = text_of(type->c_type);
    for (const auto* one = type->c_params; one != nullptr && *one != nullptr;
         ++one)
      made.content_type += std::string{";"} + *one;
  }
  return made;
}

std::string other_header(const sip_t* message, std::string_view name) {
  for (const auto* one = message->sip_unknown; one != nullptr;
       one = one->un_next)
    if (one->un_name != nullptr && same(one->un_name, name))
      return text_of(one->un_value);
  return {};
}

std::string reason_of(const sip_t* message) {
  if (message == nullptr || message->sip_reason == nullptr)
    return {};
  const auto* reason = message->sip_reason;
  auto made = text_of(reason->re_protocol);
  for (const auto* one = reason->re_params; one != nullptr && *one != nullptr;
       ++one)
    made += std::string{";"} + *one;
  return made;
}

std::string product_of(const sip_t* message) {
  if (message->sip_server != nullptr)
    return text_of(message->sip_server->g_string);
  if (message->sip_user_agent != nullptr)
    return text_of(message->sip_user_agent->g_string);
  return {};
}

std::string parameters_of(const sip_contact_t* contact) {
  std::string made;
  if (contact == nullptr)
    return made;
  for (const auto* one = contact->m_params; one != nullptr && *one != nullptr;
       ++one)
    made += std::string{";"} + *one;
  return made;
}

void go_by(nua_handle_t* which, const std::string& way) {
  nua_set_hparams(which, NUTAG_PROXY(way.empty() ? nullptr : way.c_str()),
                  TAG_END());
}

endpoint source_of(msg_t* message) {
  const auto* address = message == nullptr ? nullptr : msg_addr(message);
  if (address == nullptr)
    return {};
  sockaddr_storage storage{};
  std::memcpy(&storage, address, std::min(sizeof storage, sizeof *address));
  return endpoint::from(storage);
}

siprec::written_body sdp_in(const siprec::written_body& body,
                            std::size_t most_bytes) {
  const auto parts = siprec::read_body(body.content_type, body.content,
                                       {most_bytes, 8, 4096});
  if (parts)
    for (const auto& part : *parts)
      if (part.type == "application/sdp")
        return {part.type, std::string{part.content}};
  return {};
}

contents look_into(const siprec::written_body& body, std::size_t most_bytes) {
  const auto parts = siprec::read_body(body.content_type, body.content,
                                       {most_bytes, 8, 4096});
  contents made;
  if (!parts) {
    made.fault = parts.error();
    return made;
  }
  for (const auto& part : *parts) {
    made.sdp |= part.type == "application/sdp";
    made.metadata |= part.type.starts_with("application/rs-metadata")
                     || part.disposition == "recording-session";
  }
  if (!parts->empty() && !made.sdp && !made.metadata)
    made.fault = siprec::fault{415, "no part of the body is known"};
  return made;
}

tagged_body::tagged_body(const siprec::written_body& from)
  : type(one_line(from.content_type)),
    disposition(one_line(from.disposition)),
    payload{},
    present(!from.content.empty()),
    multipart(type.starts_with("multipart/")) {
  sip_payload_init(payload);
  // The tags copy it; nobody writes through this pointer.
  payload->pl_data = const_cast<char*>(from.content.data());
  payload->pl_len = static_cast<usize_t>(from.content.size());
}

} // namespace callfork::sip
