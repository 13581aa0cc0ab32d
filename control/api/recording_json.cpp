#include "control/api/recording_json.hpp"

#include "control/api/times.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

using json = nlohmann::ordered_json;

json recording_json(const admin::book& book, const catalogue::recording& of) {
  const auto* owner = book.find_person(of.owner);
  const auto kind = owner ? owner->kind : admin::person_kind::people;
  return {
    {"id", of.id},
    {"topic", of.topic},
    {"createTime", to_text(of.created)},
    {"timeRecorded", to_text(of.began)},
    {"format", "MP3"},
    {"serviceType", "calling"},
    {"durationSeconds",
     std::chrono::round<std::chrono::seconds>(of.lasted).count()},
    {"sizeBytes", of.bytes},
    {"status", word_for(words::recording_status, of.status)},
    {"ownerId", of.owner},
    {"ownerEmail", owner ? owner->email : ""},
    {"ownerType", word_for(words::owner_type, kind)},
    {"storageRegion", words::region_name(of.storage_region)},
    {"serviceData",
     {{"locationId", of.location}, {"callSessionId", of.session_id}}},
  };
}

} // namespace callfork::api
