# Flags that every target of the project shares, and the three helpers that declare targets.

add_library(plainsight_flags INTERFACE)
target_include_directories(plainsight_flags INTERFACE ${CMAKE_SOURCE_DIR})
# Only the kernels may contract a*b+c; everywhere else results must not depend on the machine.
target_compile_options(plainsight_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                                  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns wrongly inside std::string's operator+ (bug 105651).
  target_compile_options(plainsight_flags INTERFACE -Wno-restrict)
endif()
if(PLAINSIGHT_WERROR)
  target_compile_options(plainsight_flags INTERFACE -Werror)
endif()
if(PLAINSIGHT_SANITIZE)
  # A report needs lines, not variables: -g1 halves what the linker reads.
  target_compile_options(plainsight_flags INTERFACE -fsanitize=${PLAINSIGHT_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all -g1)
  target_link_options(plainsight_flags INTERFACE -fsanitize=${PLAINSIGHT_SANITIZE})
endif()

# plainsight_layer(NAME base [FOLDERS ...] DEPS ...): a static library plainsight_base from the .cpp files of this
# folder, or of its FOLDERS.
function(plainsight_layer)
  cmake_parse_arguments(L "" "NAME" "DEPS;FOLDERS" ${ARGN})
  set(patterns *.cpp)
  if(L_FOLDERS)
    list(TRANSFORM L_FOLDERS APPEND /*.cpp OUTPUT_VARIABLE patterns)
  endif()
  list(TRANSFORM patterns PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  if(sources)
    add_library(plainsight_${L_NAME} STATIC ${sources})
    target_link_libraries(plainsight_${L_NAME} PUBLIC plainsight_flags ${L_DEPS})
  else()
    add_library(plainsight_${L_NAME} INTERFACE)
    target_link_libraries(plainsight_${L_NAME} INTERFACE plainsight_flags ${L_DEPS})
  endif()
endfunction()

# plainsight_test(NAME kernels FOLDER engine/kernels DEPS ... [DATA]): one doctest program test_kernels from
# tests/engine/kernels/*.cpp; FOLDER lists the folders of the code under test, and is NAME when left out.
# With DATA it needs real data; without, it exits with 77, and CTest reports it as skipped.
# With ENGINES it runs twice: kernels on the tuned engine, kernels_plain on the plain one.
# With TUNED its results depend on the tuned kernels: the label with which CI repeats it per instruction set.
function(plainsight_test)
  cmake_parse_arguments(T "DATA;ENGINES;TUNED" "NAME" "DEPS;FOLDER" ${ARGN})
  if(NOT T_FOLDER)
    set(T_FOLDER ${T_NAME})
  endif()
  list(TRANSFORM T_FOLDER PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  list(TRANSFORM T_FOLDER APPEND /*.cpp)
  file(GLOB sources CONFIGURE_DEPENDS ${T_FOLDER})
  add_executable(test_${T_NAME} ${sources} support/needs_data.cpp)
  target_link_libraries(test_${T_NAME} PRIVATE plainsight_flags plainsight_test_support ${T_DEPS})
  set(tests ${T_NAME})
  add_test(NAME ${T_NAME} COMMAND test_${T_NAME})
  if(T_ENGINES)
    list(APPEND tests ${T_NAME}_plain)
    add_test(NAME ${T_NAME}_plain COMMAND test_${T_NAME})
    set_tests_properties(${T_NAME} PROPERTIES ENVIRONMENT PLAINSIGHT_ENGINE=tuned)
    set_tests_properties(${T_NAME}_plain PROPERTIES ENVIRONMENT PLAINSIGHT_ENGINE=plain)
  elseif(T_TUNED)
    set_tests_properties(${T_NAME} PROPERTIES ENVIRONMENT PLAINSIGHT_ENGINE=tuned)
  endif()
  set_tests_properties(${tests} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)
  if(T_DATA)
    target_compile_definitions(test_${T_NAME} PRIVATE PLAINSIGHT_TEST_NEEDS_DATA)
    set_property(TEST ${tests} APPEND PROPERTY LABELS data)
  endif()
  if(T_TUNED)
    set_property(TEST ${T_NAME} APPEND PROPERTY LABELS tuned)
  endif()
endfunction()
