# ninja format, format-check, sizes, tidy, layers, check: see tests/style.py.
foreach(deed format format-check sizes tidy check)
  add_custom_target(${deed}
    COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/style.py ${deed}
    USES_TERMINAL)
endforeach()
add_custom_target(layers
  COMMAND python3 tests/layers.py
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} USES_TERMINAL)
