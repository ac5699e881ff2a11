/**
 * Meson wants its wrapped libraries under `subprojects/`. A stand-in is such a folder that takes the system's
 * library through `dependency()` and offers an empty static library under every name that is linked whole.
 *
 * @typedef {object} StandIn
 * @property {string} wrap name of the `.wrap` file that names the folder
 * @property {string} exports variable that holds the dependency
 * @property {string} uses what the dependency is made of, in Meson's words
 * @property {readonly string[]} linkedWhole names that the worker's own `meson.build` links whole
 * @property {readonly string[]} options option lines that the worker's `meson.build` sets on the subproject
 * @property {readonly (readonly [source: string, target: string])[]} headers from `setup/native/` into the folder
 */

/** @type {readonly StandIn[]} */
export const standIns = [
  {
    wrap: 'libuv',
    exports: 'libuv_dep',
    uses: `dependencies: dependency('libuv')`,
    linkedWhole: ['libuv'],
    options: [
      `option('build_tests', type: 'boolean', value: false)`,
      `option('build_benchmarks', type: 'boolean', value: false)`,
    ],
    headers: [],
  },
  {
    wrap: 'openssl',
    exports: 'openssl_dep',
    uses: `dependencies: [dependency('libssl', version: '>= 3.0'), dependency('libcrypto', version: '>= 3.0')]`,
    linkedWhole: ['libcrypto_lib', 'libssl_lib'],
    options: [],
    headers: [],
  },
  {
    wrap: 'libsrtp3',
    exports: 'libsrtp3_dep',
    uses: `dependencies: dependency('libsrtp2', version: '>= 2.5'), include_directories: include_directories('include')`,
    linkedWhole: ['libsrtp3'],
    options: [
      `option('crypto-library', type: 'string', value: 'openssl')`,
      `option('crypto-library-kdf', type: 'string', value: 'disabled')`,
      `option('tests', type: 'string', value: 'disabled')`,
    ],
    headers: [['srtp.h', 'include/srtp.h']],
  },
  {
    wrap: 'unordered-dense',
    exports: 'ankerl_unordered_dense_dep',
    uses: `include_directories: include_directories('include')`,
    linkedWhole: [],
    options: [],
    headers: [['unordered_dense.h', 'include/ankerl/unordered_dense.h']],
  },
  {
    wrap: 'flatbuffers',
    exports: 'flatbuffers_dep',
    uses: `dependencies: dependency('flatbuffers')`,
    linkedWhole: ['flatbuffers_lib'],
    options: [],
    headers: [],
  },
];

/**
 * The `meson.build` of one stand-in.
 *
 * @param {StandIn} standIn
 * @returns {string}
 */
export function mesonBuildOf(standIn) {
  return [
    `project('${standIn.wrap}', 'c', 'cpp', default_options: ['cpp_std=c++20'])`,
    `${standIn.exports} = declare_dependency(${standIn.uses})`,
    ...standIn.linkedWhole.map((name) => `${name} = static_library('${name}_stand_in', 'empty.c')`),
    '',
  ].join('\n');
}

/**
 * The folder that a `.wrap` file promises, below `subprojects/`.
 *
 * @param {string} wrapText
 * @param {string} file shown in the error
 * @returns {string}
 */
export function wrapDirectory(wrapText, file) {
  const found = /^directory\s*=\s*([\w.+-]+)\s*$/m.exec(wrapText)?.[1];
  if (found === undefined) {
    throw new Error(`Cannot prepare ${file} as it must name a directory: current value is none`);
  }
  return found;
}
