import { Module } from '@nestjs/common';
import { CONFIG } from '@cipherchat/service-kit';
import { SigningKeys } from './signing-keys.js';

@Module({
  providers: [{ provide: SigningKeys, useFactory: SigningKeys.from, inject: [CONFIG] }],
  exports: [SigningKeys],
})
export class SigningKeysModule {}
