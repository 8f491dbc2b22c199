import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// A short list, chosen for bugs: TypeScript itself does the rest.
export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': hooks },
    rules: {
      eqeqeq: ['error', 'smart'],
      'no-console': 'error',
      'no-constant-condition': 'error',
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'react-hooks/rules-of-hooks': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-imports': ['error', {
        paths: [{ name: '@cloudscape-design/components', message: 'Import one component: @cloudscape-design/components/button.' }],
      }],
    },
  },
);
