#include "app/ctl/api/progress.hpp"
#include "app/ctl/api/run.hpp"
#include "app/ctl/api/tasks.hpp"
#include "app/printable.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace callfork::ctl {

namespace {

namespace fs = std::filesystem;

constexpr double mebibyte = 1 << 20;

/// A file that becomes `name` when it is whole, and goes away otherwise.
class file_in_parts {
public:
  explicit file_in_parts(fs::path name)
    : name_{std::move(name)},
      part_{name_.string() + ".part"},
      to_{part_, std::ios::binary | std::ios::trunc} {
  }

  ~file_in_parts() {
    std::error_code fault;
    if (!whole_)
      fs::remove(part_, fault);
  }

  file_in_parts(const file_in_parts&) = delete;
  file_in_parts& operator=(const file_in_parts&) = delete;

  bool append(std::string_view bytes) {
    to_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return to_.good();
  }

  /// Why it cannot be made whole; empty: it is.
  std::string finish() {
    to_.close();
    std::error_code fault;
    if (to_)
      fs::rename(part_, name_, fault);
    whole_ = to_ && !fault;
    return whole_ ? "" : name_.string() + ": cannot be written";
  }

private:
  fs::path name_;
  fs::path part_;
  std::ofstream to_;
  bool whole_ = false;
};

std::string how_far(const std::string& name, std::uint64_t done,
                    std::uint64_t whole) {
  if (whole == 0)
    return fmt::format("{}: {:.1f} MiB", name,
                       static_cast<double>(done) / mebibyte);
  return fmt::format("{}: {:.1f} of {:.1f} MiB ({} %)", name,
                     static_cast<double>(done) / mebibyte,
                     static_cast<double>(whole) / mebibyte, done * 100 / whole);
}

std::string target_for(const std::string& recording,
                       const std::string& format) {
  return with_query("/callfork/v1/recordings/" + segment(recording) + "/audio",
                    "format", format);
}

/// Where a recording goes. Identifiers make names of files in one folder only.
fs::path file_for(const std::string& recording, const download_wish& wish) {
  std::error_code fault;
  const auto is_folder = fs::is_directory(wish.output, fault)
                         || wish.output.ends_with('/');
  if (!wish.output.empty() && !is_folder)
    return wish.output;
  return fs::path{wish.output} / (segment(recording) + "." + wish.format);
}

expected<void, std::string> write_to_output(const std::string& target,
                                            const api_client& with) {
  auto fetched = with.fetch(target, [](std::string_view part, std::uint64_t) {
    std::cout << part;
    return std::cout.good();
  });
  std::cout << std::flush;
  return fetched;
}

expected<void, std::string> get_one(const std::string& recording,
                                    const download_wish& wish,
                                    const api_client& with) {
  const auto target = target_for(recording, wish.format);
  if (wish.output == "-")
    return write_to_output(target, with);
  const auto name = file_for(recording, wish);
  file_in_parts file{name};
  progress_line line;
  std::uint64_t done = 0;
  const auto fetched
    = with.fetch(target, [&](std::string_view part, std::uint64_t whole) {
        done += part.size();
        line.say(how_far(name.string(), done, whole));
        return file.append(part);
      });
  line.clear();
  if (!fetched)
    return fetched;
  if (const auto fault = file.finish(); !fault.empty())
    return make_unexpected(fault);
  std::cout << printable(name.string()) << "\n";
  return {};
}

} // namespace

int download(const download_wish& wish, const api_choice& which) {
  const auto with = api_client::make(which);
  if (!with)
    return refuse_usage(with.error());
  std::error_code fault;
  const auto to_one_file = !wish.output.empty()
                           && !fs::is_directory(wish.output, fault)
                           && !wish.output.ends_with('/');
  if (to_one_file && wish.recordings.size() > 1)
    return refuse_usage("several recordings need a folder that there is");
  int status = succeeded;
  for (const auto& one : wish.recordings)
    if (const auto got = get_one(one, wish, *with); !got)
      status = complain(printable(one) + ": " + got.error());
  return status;
}

} // namespace callfork::ctl
