# Finds Debian's C++ Actor Framework, which ships neither a CMake package file
# nor a pkg-config file. Defines CAF::core and CAF::io.
find_path(CAF_INCLUDE_DIR caf/all.hpp)
find_package(Threads REQUIRED)
if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp _version
       REGEX "#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" _version "${_version}")
  math(EXPR _major "${_version} / 10000")
  math(EXPR _minor "(${_version} / 100) % 100")
  math(EXPR _patch "${_version} % 100")
  set(CAF_VERSION ${_major}.${_minor}.${_patch})
endif()
foreach(_component core io)
  find_library(CAF_${_component}_LIBRARY caf_${_component})
  if(CAF_INCLUDE_DIR AND CAF_${_component}_LIBRARY)
    set(CAF_${_component}_FOUND TRUE)
    if(NOT TARGET CAF::${_component})
      add_library(CAF::${_component} UNKNOWN IMPORTED)
      set_target_properties(
        CAF::${_component}
        PROPERTIES IMPORTED_LOCATION ${CAF_${_component}_LIBRARY}
                   INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR})
    endif()
  endif()
endforeach()
if(TARGET CAF::core)
  target_link_libraries(CAF::core INTERFACE Threads::Threads)
endif()
if(TARGET CAF::io)
  target_link_libraries(CAF::io INTERFACE CAF::core)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  CAF
  REQUIRED_VARS CAF_INCLUDE_DIR CAF_core_LIBRARY
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS)
mark_as_advanced(CAF_INCLUDE_DIR)
