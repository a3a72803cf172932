import rxjs from 'eslint-plugin-rxjs-x'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      'spec/.snippets/',
      '.venv/',
      'api/',
      '**/*.mjs',
      'eslint.config.js',
      'examples/frameworks/',
      'spec/live/consumers/programs/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  rxjs.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-nested-ternary': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // An interface names the type of a schema: messages and hovers then say JobSnap, not all of its members.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    files: ['spec/**'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.property.name='assert'] > ObjectExpression > :matches(SpreadElement, Property[key.name=/^(seed|path)$/])",
          message: 'The seed of a property comes from spec/setup.ts.',
        },
        {
          selector: "ImportDeclaration[source.value='node:crypto'] > ImportSpecifier[imported.name=/^random(?!Int$)/]",
          message: 'spec/setup.ts seeds Math.random and randomInt, nothing else.',
        },
      ],
    },
  },
)
