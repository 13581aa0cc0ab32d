#include "app/version.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <spdlog/version.h>

namespace callfork {

std::vector<std::pair<std::string, std::string>> library_versions() {
  return {
    {"caf", fmt::format("{}.{}.{}", CAF_VERSION / 10000,
                        CAF_VERSION / 100 % 100, CAF_VERSION % 100)},
    {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
    {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000,
                          BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
    {"spdlog", fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR,
                           SPDLOG_VER_PATCH)},
  };
}

} // namespace callfork
