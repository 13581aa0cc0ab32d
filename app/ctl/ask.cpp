#include "app/ctl/ask.hpp"

#include "control/http/client.hpp"

#include <fmt/format.h>

#include <iostream>

namespace callfork::ctl {

namespace {

constexpr std::chrono::seconds patience{10};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

} // namespace

expected<json, std::string> ask(const node_choice& node,
                                const std::string& target) {
  const auto answer = http::get(node.http, target, patience);
  if (!answer)
    return make_unexpected(fmt::format("no answer from the node at {} (is it "
                                       "running? --node names another)",
                                       answer.error()));
  if (answer->status != 200)
    return make_unexpected(first_line(answer->body));
  auto read = json::parse(answer->body, nullptr, false);
  if (read.is_discarded())
    return make_unexpected(std::string{"the node's answer is no JSON"});
  return read;
}

std::string segment(const std::string& text) {
  std::string result;
  for (const auto letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (std::isalnum(code) != 0 || letter == '-' || letter == '.'
        || letter == '_' || letter == '~')
      result += letter;
    else
      result += fmt::format("%{:02X}", code);
  }
  return result;
}

int complain(const std::string& why) {
  std::cerr << "callforkctl: " << why << "\n";
  return failed;
}

std::string text_of(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null())
    return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

} // namespace callfork::ctl
